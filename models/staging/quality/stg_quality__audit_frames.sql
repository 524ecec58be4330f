{{ staged('quality', 'audit_frames') }}
