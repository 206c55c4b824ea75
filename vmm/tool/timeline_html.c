/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline_html.c: see timeline_draw.h. Pure. */
#include "timeline_draw.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>zpvm "
	"timeline</title>\n"
	"<style>\n"
	"body{margin:0;font:13px sans-serif;background:#fff;color:#222}\n"
	"#bar{position:sticky;top:0;background:#f4f4f4;border-bottom:1px solid #bbb;padding:6px 10px}\n"
	"#bar input{width:16em}#bar button{margin-left:.5em}#say{margin-left:1em;color:#555}\n"
	"#tip{position:fixed;display:none;max-width:60em;white-space:pre-wrap;background:#fffde8;"
	"border:1px solid #888;padding:4px 6px;font:12px monospace;pointer-events:none}\n"
	"#view{overflow:auto;height:calc(100vh - 40px)}#view svg{display:block}\n"
	"</style>\n</head>\n<body>\n"
	"<div id=\"bar\"><input id=\"find\" placeholder=\"search: io-3, SIGP, KVM_IRQ_LINE\">"
	"<button id=\"in\">+</button><button id=\"out\">&#8722;</button><button id=\"all\">all</button>"
	"<span id=\"say\">Ctrl and wheel enlarge; a pointer over something says what it is.</span></div>\n"
	"<div id=\"view\">\n";

/* The titles become boxes at the pointer, at once. */
static const char tail[] =
	"</div>\n<div id=\"tip\"></div>\n<script>\n"
	"'use strict';\n"
	"const "
	"view=document.getElementById('view'),svg=view.querySelector('svg'),tip=document.getElementById('tip'"
	");\n"
	"const "
	"say=document.getElementById('say'),width=svg.width.baseVal.value,height=svg.height.baseVal.value;\n"
	"let scale=1;\n"
	"const parts=[];\n"
	"for(const t of svg.querySelectorAll('title')){const "
	"p=t.parentNode;p.dataset.tip=t.textContent;t.remove();"
	"parts.push(p);}\n"
	"for(const t of svg.querySelectorAll('text')){t.dataset.find=t.textContent;parts.push(t);}\n"
	"function zoom(to,x,y){\n"
	"\tto=Math.min(40,Math.max(.25,to));\n"
	"\tconst left=(view.scrollLeft+x)/scale,top=(view.scrollTop+y)/scale;\n"
	"\tscale=to;svg.setAttribute('width',width*to);svg.setAttribute('height',height*to);\n"
	"\tview.scrollLeft=left*to-x;view.scrollTop=top*to-y;\n"
	"}\n"
	"view.addEventListener('wheel',e=>{if(!e.ctrlKey)return;e.preventDefault();"
	"const "
	"r=view.getBoundingClientRect();zoom(scale*(e.deltaY<0?1.25:.8),e.clientX-r.left,e.clientY-r.top);},"
	"{passive:false});\n"
	"document.getElementById('in').onclick=()=>zoom(scale*1.5,view.clientWidth/2,view.clientHeight/2);\n"
	"document.getElementById('out').onclick=()=>zoom(scale/1.5,view.clientWidth/2,view.clientHeight/2);\n"
	"document.getElementById('all').onclick=()=>zoom(view.clientWidth/width,0,0);\n"
	"svg.addEventListener('mousemove',e=>{\n"
	"\tconst p=e.target.closest('[data-tip]');\n"
	"\ttip.style.display=p?'block':'none';\n"
	"\tif(!p)return;\n"
	"\ttip.textContent=p.dataset.tip;\n"
	"\ttip.style.left=Math.max(0,Math.min(e.clientX+12,innerWidth-tip.offsetWidth-8))+'px';\n"
	"\ttip.style.top=Math.max(0,Math.min(e.clientY+14,innerHeight-tip.offsetHeight-8))+'px';\n"
	"});\n"
	"svg.addEventListener('mouseleave',()=>{tip.style.display='none';});\n"
	"document.getElementById('find').addEventListener('input',e=>{\n"
	"\tconst what=e.target.value.toLowerCase();\n"
	"\tlet count=0,first=null;\n"
	"\tfor(const p of parts){\n"
	"\t\tconst hit=what&&((p.dataset.tip||'')+(p.dataset.find||'')).toLowerCase().includes(what);\n"
	"\t\tp.classList.toggle('hit',!!hit);\n"
	"\t\tif(hit){count++;first=first||p;}\n"
	"\t}\n"
	"\tif(first)first.scrollIntoView({block:'nearest',inline:'nearest'});\n"
	"\tsay.textContent=what?count+' found':'';\n"
	"});\n"
	"</script>\n</body>\n</html>\n";

int timeline_html(const struct timeline_model *m, FILE *out, struct error *err)
{
	int rc;

	fputs(head, out);
	rc = timeline_svg(m, out, err);
	fputs(tail, out);
	return rc;
}
