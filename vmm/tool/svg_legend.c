/* SPDX-License-Identifier: BSD-2-Clause */
/* svg_legend.c: see svg_legend.h. Pure. */
#include "svg_legend.h"

#include <string.h>

static const char style[] =
	"text{font:10px 'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace;fill:#222}"
	".b{font-weight:bold}.n{font-weight:bold}.d{fill:#666}.t{text-anchor:middle;fill:#444}.t,text.say{"
	"paint-order:stroke;stroke:#fff;stroke-width:3px}"
	".l,.end{text-anchor:end}.in{fill:#111;pointer-events:none}.w{fill:#4b1248;font-weight:bold;pointer-"
	"events:none}"
	".by{text-anchor:end;fill:#a33c00}text.say{fill:#333;font-style:italic}path.say{stroke:#999;fill:"
	"none}"
	".title{font:bold 15px 'DejaVu Sans',Arial,sans-serif}"
	".s{fill:#8a8a8a;stroke:#fff;stroke-width:.6}.g{stroke:#e3e3e3;fill:none}"
	".z{fill:#d9d9d9}.v{stroke:#bbb;fill:none}.h{stroke:#eee;fill:none}"
	".running{fill:#dff2ea}.parked{fill:#ececec}.held{fill:#d3e5f5}.waiting{fill:#fbf0bf}"
	".stopped{fill:#b9b9b9}.suspended{fill:#cfc4d6}.ended{fill:#f6f6f6;stroke:#ddd;stroke-width:.5}"
	".u{fill:#009e73}.x{fill:#f0b429;stroke:#7a5200;stroke-width:.5}.k{fill:#000}"
	".m{fill:#cc79a7;fill-opacity:.4;stroke:#7d2e5c}.thin{stroke:none;fill-opacity:.8}.fork{fill:none;"
	"stroke:#7d2e5c;stroke-width:2;marker-end:url(#M)}"
	".p{fill:#d55e00;fill-opacity:.8}.o{fill:#d55e00;fill-opacity:.18}.e{fill:#0072b2}.i{fill:#8a3200}.q{"
	"fill:#7d2e5c}"
	".f{fill:#fff;stroke:#8a3200;stroke-width:1.5}.c{fill:none;stroke:#000;stroke-width:1.6}"
	".r{fill:none;stroke:#d55e00;stroke-dasharray:2 2;marker-end:url(#R)}"
	".a{fill:none;stroke:#000;stroke-width:1.1;marker-end:url(#A)}.hit{stroke:#f0f;stroke-width:3}";

static const char markers[] =
	"<defs>"
	"<marker id=\"A\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" markerWidth=\"6\" markerHeight=\"6\" "
	"orient=\"auto\"><path d=\"M0 0L6 3L0 6z\"/></marker>"
	"<marker id=\"R\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" markerWidth=\"5\" markerHeight=\"5\" "
	"orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" fill=\"#d55e00\"/></marker>"
	"<marker id=\"M\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" markerWidth=\"4\" markerHeight=\"4\" "
	"orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" fill=\"#7d2e5c\"/></marker></defs>\n";

void svg_begin(const struct svg *s, FILE *out)
{
	fprintf(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f "
	        "%.0f\">\n<style>%s</style>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s",
	        s->width, s->y, s->width, s->y, style, markers);
}

/* A sample of 24 by 12, and what it means; shown if there is something that begins so. */
static const struct {
	const char *of, *sample, *text;
} legend[] = {
	{ "<rect class=\"u\"", "<rect class=\"u\" width=\"24\" height=\"11\"/>", "in the guest" },
	{ "<rect class=\"x\"", "<rect class=\"x\" width=\"24\" height=\"11\"/>", "exit" },
	{ "<rect class=\"k\"",
	  "<rect class=\"k\" x=\"10\" y=\"6\" width=\"1\" height=\"5\"/>"
	  "<rect class=\"k\" x=\"15\" y=\"6\" width=\"1\" height=\"5\"/>",
	  "call of KVM" },
	{ "<rect class=\"running\"", "<rect class=\"running\" width=\"24\" height=\"11\"/>", "running" },
	{ "<rect class=\"held\"", "<rect class=\"held\" width=\"24\" height=\"11\"/>",
	  "held: waits for a command" },
	{ "<rect class=\"parked\"", "<rect class=\"parked\" width=\"24\" height=\"11\"/>", "parked by zpvm" },
	{ "<rect class=\"waiting\"", "<rect class=\"waiting\" width=\"24\" height=\"11\"/>", "waiting" },
	{ "<rect class=\"stopped\"", "<rect class=\"stopped\" width=\"24\" height=\"11\"/>", "stopped" },
	{ "<rect class=\"suspended\"", "<rect class=\"suspended\" width=\"24\" height=\"11\"/>",
	  "suspended" },
	{ "<rect class=\"m", "<rect class=\"m\" width=\"24\" height=\"11\"/>", "save, restore" },
	{ "<path class=\"fork\"", "<path class=\"fork\" d=\"M0 6H21\"/>", "goes on there" },
	{ "<rect class=\"p\"", "<rect class=\"p\" y=\"2\" width=\"24\" height=\"7\"/>", "interrupt pending" },
	{ "<rect class=\"o\"", "<rect class=\"o\" y=\"2\" width=\"24\" height=\"7\"/>", "maybe pending" },
	{ "<path class=\"i\"", "<path class=\"i\" d=\"M8 1h8l-4 8z\"/>", "injected" },
	{ "<circle class=\"f\"", "<circle class=\"f\" cx=\"12\" cy=\"6\" r=\"3\"/>", "found pending" },
	{ "<path class=\"q\"", "<path class=\"q\" d=\"M12 1l4 4.5l-4 4.5l-4 -4.5z\"/>", "restored" },
	{ "<path class=\"r\"", "<path class=\"r\" d=\"M0 6H22\"/>", "raised by" },
	{ "<circle class=\"k\"",
	  "<circle class=\"k\" cx=\"4\" cy=\"6\" r=\"4\"/><path class=\"a\" d=\"M4 6H23\"/>", "taken by" },
	{ "<path class=\"e\"",
	  "<rect class=\"e\" y=\"4\" width=\"22\" height=\"3\"/><path class=\"e\" d=\"M21 1v9h2v-9z\"/>",
	  "handled, ended (EOI)" },
	{ "<path class=\"c\"", "<path class=\"c\" d=\"M8 2l7 7m0 -7l-7 7\"/>", "merged or withdrawn" },
	{ "class=\"z\"", "<rect class=\"z\" width=\"24\" height=\"11\"/>", "a long pause" },
};

void svg_draw_legend(struct svg *s)
{
	double x = 8;

	for (size_t i = 0; i < sizeof(legend) / sizeof(legend[0]); i++) {
		double wide = 30 + SVG_CHAR * (double)strlen(legend[i].text) + 16;

		if (!s->drawn || !strstr(s->drawn, legend[i].of))
			continue;
		if (x + wide > s->width - 8) {
			x = 8;
			s->y += 18;
		}
		fprintf(s->out,
		        "<g transform=\"translate(%.1f %.1f)\">%s<text x=\"29\" y=\"9.5\">%s</text></g>\n", x,
		        s->y, legend[i].sample, legend[i].text);
		x += wide;
	}
	s->y += 22;
}
