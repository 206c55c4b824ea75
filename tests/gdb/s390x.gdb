define prepare
end
define inject
	monitor inject io isc=3 schid=0x0003 parm=0xcafe as=it
end
# Where the interrupt enters the guest.
set $entry = (unsigned long)&io_entry
