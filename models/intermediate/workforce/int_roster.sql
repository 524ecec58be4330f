{{ roster() }}
