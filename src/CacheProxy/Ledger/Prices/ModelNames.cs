using System.Text.RegularExpressions;

namespace CacheProxy.Ledger.Prices;

/// <summary>The names under which a model may stand in a price table, the surest first.</summary>
internal static partial class ModelNames
{
    // What routers and clients of several providers put in front of a model, and who that is in the table.
    private static readonly Dictionary<string, string> s_prefixes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["openai"] = "openai",
        ["azure"] = "azure",
        ["anthropic"] = "anthropic",
        ["gemini"] = "google",
        ["google"] = "google",
        ["models"] = "google",
        ["deepseek"] = "deepseek",
        ["mistral"] = "mistral",
        ["mistralai"] = "mistral",
        ["xai"] = "xai",
        ["x-ai"] = "xai",
        ["cohere"] = "cohere",
        ["moonshot"] = "moonshot",
        ["moonshotai"] = "moonshot",
        ["moonshot-ai"] = "moonshot",
        ["qwen"] = "qwen",
        ["dashscope"] = "qwen",
        ["voyage"] = "voyage",
        ["meta-ai"] = "meta",
        ["minimax"] = "minimax",
    };

    /// <summary>Small letters, and 4.1 as 4-1: tables and providers write versions either way.</summary>
    public static string Normal(string model) => model.Trim().ToLowerInvariant().Replace('.', '-');

    /// <summary>Who is asked for a price, in order.</summary>
    public static IReadOnlyList<string> ProvidersOf(string? upstreamKind) => upstreamKind switch
    {
        "openai" => ["openai"],
        // A deployment that the table of Azure's own prices lacks costs what OpenAI takes: the list prices are the same where both are known.
        "azure" => ["azure", "openai"],
        "anthropic" => ["anthropic"],
        _ => ["openai", "anthropic", "google", "deepseek", "mistral", "xai", "moonshot", "cohere", "qwen", "voyage", "minimax", "meta"],
    };

    /// <returns>The provider that the name says, if it does, and the names without it.</returns>
    public static (string? Provider, IEnumerable<string> Names) Of(string model)
    {
        string name = Normal(model);
        string? provider = null;
        if (name.IndexOf('/') is var slash and > 0)
        {
            // A prefix that is no provider is a host of its own, with prices of its own.
            if (!s_prefixes.TryGetValue(name[..slash], out provider))
            {
                return (null, [name]);
            }

            name = name[(slash + 1)..];
        }

        return (provider, NamesOf(name));
    }

    private static IEnumerable<string> NamesOf(string name)
    {
        // ft:gpt-4o-mini-2024-07-18:organisation:name:id costs what fine-tuned ones of its base do, which is not what the base costs.
        if (name.StartsWith("ft:", StringComparison.Ordinal))
        {
            string tuned = "ft:" + name[3..].Split(':')[0];
            return [tuned, WithoutDate(tuned)];
        }

        string plain = WithoutDate(name);
        return [name, plain, plain.EndsWith("-latest", StringComparison.Ordinal) ? plain[..^7] : plain + "-latest"];
    }

    private static string WithoutDate(string name) => Dated().Replace(name, "");

    // -2024-07-18, -20240718, @20240718, and Google's -04-17 behind preview is left: previews of different days had different prices.
    [GeneratedRegex("[-@](20[0-9]{2}-?[0-1][0-9]-?[0-3][0-9])$", RegexOptions.CultureInvariant)]
    private static partial Regex Dated();
}
