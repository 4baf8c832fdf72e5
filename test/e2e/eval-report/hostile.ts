/** Texts that break careless pages. */
export const HOSTILE = [
  "</script><script>window.broken = 1</script>",
  "<!--<script>",
  "]]></style><img src=x onerror=window.broken=2>",
  "\"'><svg onload=window.broken=3>",
  "a\u2028b\u2029c",
  "half \ud800 pair",
  "name\u202egnp.exe",
  "bell\u0007 nul\u0000 del\u007f",
  "{0} {1} $& $1 \\u003c",
  "&lt;b&gt; &amp;amp;",
  '=HYPERLINK("http://example.com")',
  "| ![x](http://example.com/x.png) | `code`",
];
