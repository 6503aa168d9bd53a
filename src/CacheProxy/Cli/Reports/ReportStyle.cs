namespace CacheProxy.Cli.Reports;

/// <summary>The page's style: light and dark, narrow screens, paper. Texts have at least 4.5:1 against their ground, bars 3:1.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --ground: #ffffff; --card: #f4f5f7; --ink: #1c2127; --soft: #545b64; --line: #c9ced6; --saved: #1a7f4e; --spent: #b3541e; --mark: #ffe08a; --mark-ink: #1c2127;
          --exact: #1a7f4e; --stale: #6b7a1f; --semantic: #2a62c9; --collapsed: #7a4bb8; --miss: #b3541e; --bypass: #707780; --refused: #a3232f; }
        @media (prefers-color-scheme: dark) { :root { --ground: #14171b; --card: #1e2329; --ink: #e6e9ed; --soft: #a6adb7; --line: #3b424c; --saved: #4fbf8a; --spent: #e58d55; --mark: #6b5300; --mark-ink: #ffffff;
          --exact: #4fbf8a; --stale: #b3c05a; --semantic: #7ba6f5; --collapsed: #b795e6; --miss: #e58d55; --bypass: #98a0aa; --refused: #ee7f88; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem; max-width: 72rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } .sub { color: var(--soft); margin: .25rem 0 1.25rem; }
        dl.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 0; }
        dl.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; } dl.tiles dt { color: var(--soft); font-size: .875rem; }
        dl.tiles dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; } dl.tiles dd small { display: block; font-size: .8rem; color: var(--soft); }
        ol.advice { padding-left: 1.5rem; } ol.advice li { margin-bottom: 1rem; } ol.advice strong { display: block; } code { font: .875em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
        mark { background: var(--mark); color: var(--mark-ink); padding: 0 .1em; border-radius: .15em; }
        .wide { overflow-x: auto; margin-bottom: 1rem; } table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; } caption { text-align: left; color: var(--soft); padding: .25rem 0; }
        th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; } thead th { color: var(--soft); font-weight: 600; white-space: nowrap; } .t { text-align: left; } tbody th { font-weight: 500; overflow-wrap: anywhere; }
        figure { margin: 1rem 0; } figcaption { color: var(--soft); font-size: .875rem; } svg { width: 100%; height: auto; display: block; } svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
        .key span { display: inline-block; width: .8em; height: .8em; margin: 0 .35em 0 .9em; border-radius: .15em; vertical-align: baseline; }
        @media print { body { max-width: none; padding: 0; } h2 { break-after: avoid; } tr, ol.advice li, figure { break-inside: avoid; } .wide { overflow: visible; } }
        """;
}
