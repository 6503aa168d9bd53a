namespace CacheProxy.Ledger.Export;

/// <summary>Who sells what a charge is for, under the names that invoices and portals have.</summary>
/// <param name="Provider">The company.</param>
/// <param name="Service">What it calls the offering.</param>
internal sealed record FocusOffering(string Provider, string Service)
{
    // Requests that no upstream was asked for.
    private static readonly FocusOffering s_own = new("CacheProxy", "CacheProxy");

    // By the price table's providers.
    private static readonly Dictionary<string, FocusOffering> s_sold = new(StringComparer.Ordinal)
    {
        ["openai"] = new("OpenAI", "OpenAI API"),
        ["azure"] = new("Microsoft", "Azure OpenAI"),
        ["anthropic"] = new("Anthropic", "Claude API"),
        ["google"] = new("Google", "Gemini API"),
        ["deepseek"] = new("DeepSeek", "DeepSeek API"),
        ["mistral"] = new("Mistral AI", "Mistral AI API"),
        ["xai"] = new("xAI", "xAI API"),
        ["cohere"] = new("Cohere", "Cohere API"),
        ["moonshot"] = new("Moonshot AI", "Kimi API"),
        ["qwen"] = new("Alibaba Cloud", "Model Studio"),
        ["voyage"] = new("Voyage AI", "Voyage AI API"),
        ["minimax"] = new("MiniMax", "MiniMax API"),
        ["meta"] = new("Meta", "Llama API"),
    };

    public static IReadOnlyCollection<string> Known => s_sold.Keys;

    /// <summary>What no provider of the price table sold goes by the upstream's name: a machine of one's own, or a seller whose prices are one's own.</summary>
    public static FocusOffering Of(in LedgerRow row)
        => row.Price is { } price && s_sold.TryGetValue(price.Provider, out FocusOffering? sold) ? sold
            : row.Upstream is { Length: > 0 } upstream ? new FocusOffering(upstream, upstream)
            : s_own;
}
