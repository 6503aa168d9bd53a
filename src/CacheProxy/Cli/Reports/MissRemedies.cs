namespace CacheProxy.Cli.Reports;

/// <summary>What each reason of a miss means for whoever operates the proxy, and the setting that decides about it.</summary>
internal static class MissRemedies
{
    private const string Unique = "What is asked there was not asked before in any form that answers.";

    private static readonly Dictionary<string, (string Why, string? Setting)> ByReason = new()
    {
        ["bypass no_cache_requested"] = ("Its clients send Cache-Control: no-cache.", "Exact:ClientDirectives"),
        ["bypass no_store_requested"] = ("Its clients send Cache-Control: no-store.", "Exact:ClientDirectives"),
        ["bypass temperature"] = ("Its temperature is above what is cached.", "Exact:MaxTemperature"),
        ["bypass multiple_choices"] = ("It asks for several choices at once.", null),
        ["bypass tool_results"] = ("Tool results are in its prompts.", "Exact:AllowToolResults"),
        ["bypass hosted_tools"] = ("Its tools run at the provider.", "Exact:AllowHostedTools"),
        ["bypass server_state"] = ("It depends on what the provider keeps; clients of the responses API can send store: false.", null),
        ["bypass non_text_content"] = ("Something in its prompts is only an address.", null),
        ["bypass non_text_output"] = ("It asks for other output than text.", null),
        ["bypass client_opt_out"] = ("Its clients opt out by a header.", null),
        ["bypass ttl_zero"] = ("Its TTL is 0.", "Exact:TtlSeconds, Exact:Rules"),
        ["bypass upstream_no_store"] = ("Its upstream forbids to store the answers.", "Exact:ObeyUpstreamCacheControl"),
        ["bypass disabled"] = ("The cache is switched off.", "Exact:Enabled"),
        ["bypass fallback"] = ("Another model than the route's own answers it.", "Routes:Fallbacks"),
        ["refused budget"] = ("Its budget is used up.", "Budgets"),
        ["not_stored upstream_failed"] = ("Its upstream fails.", "Upstreams"),
        ["not_stored not_ok"] = ("Its upstream answers with errors.", "Upstreams"),
        ["not_stored truncated"] = ("Its answers end at their token limit.", "Exact:AllowTruncated"),
        ["not_stored tool_calls"] = ("Its answers call tools.", "Exact:AllowToolCalls"),
        ["not_stored too_large"] = ("Its answers are too large to keep.", "Exact:MaxAnswerBytes"),
        ["not_stored no_lifetime"] = ("Its answers get no lifetime.", "Exact:TtlSeconds, Exact:ObeyUpstreamCacheControl"),
        ["not_stored filtered"] = ("The provider filters its answers.", null),
        ["not_stored malformed"] = ("Its answers cannot be read.", null),
        ["not_stored empty"] = ("Its answers are empty.", null),
        ["semantic too_long"] = (Unique + " Its questions are too long to be compared by meaning.", "Semantic:MaximumCharacters, Semantic:Templates"),
        ["semantic language"] = (Unique + " Its language is not compared by meaning.", "Semantic:Languages"),
        ["semantic code_heavy"] = (Unique + " Its questions are mostly code, which is not compared by meaning.", null),
        ["semantic exact_only"] = (Unique + " Its semantic hits were wrong too often: it gets exact ones only.", "POST /admin/semantic/resume"),
        ["expired"] = ("Answers are too old when they are asked for again.", "Exact:TtlSeconds, Exact:Rules"),
        ["new"] = (Unique, "Semantic:Policy, Semantic:Templates"),
    };

    public static (string Why, string? Setting) Of(string kind, string reason)
        => ByReason.TryGetValue(Key(kind, reason), out (string, string?) known) ? known : ($"What keeps it from hits is {Name(kind, reason)}.", null);

    /// <summary>For tables.</summary>
    public static string Name(string kind, string reason) => Key(kind, reason).Replace('_', ' ');

    private static string Key(string kind, string reason) => reason.Length > 0 ? $"{kind} {reason}" : kind;
}
