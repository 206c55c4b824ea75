define prepare
	monitor guest route source=0x1000 server=0 priority=5
	continue
end
define inject
	monitor inject source 0x1000 as=it
end
set $entry = 0x500ul
