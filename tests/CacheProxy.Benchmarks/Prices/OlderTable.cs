using System.Globalization;
using System.Text.Json;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Benchmarks.Prices;

/// <summary>One object with a property a model, USD per token, a property a class.</summary>
internal static class OlderTable
{
    private static readonly Dictionary<string, string> s_providers = new()
    {
        ["openai"] = "openai",
        ["text-completion-openai"] = "openai",
        ["azure"] = "azure",
        ["azure_text"] = "azure",
        ["anthropic"] = "anthropic",
        ["gemini"] = "google",
        ["deepseek"] = "deepseek",
        ["mistral"] = "mistral",
        ["xai"] = "xai",
        ["cohere"] = "cohere",
        ["cohere_chat"] = "cohere",
        ["moonshot"] = "moonshot",
        ["dashscope"] = "qwen",
        ["voyage"] = "voyage",
    };

    private static readonly string[] s_modes = ["chat", "completion", "responses", "embedding"];

    public static Dictionary<(string, string), PriceRow> Read(string path)
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(path));
        var rows = new Dictionary<(string, string), PriceRow>();
        foreach (JsonProperty model in file.RootElement.EnumerateObject())
        {
            if (TryRead(model) is { } row)
            {
                rows.TryAdd((row.Provider, PriceTableBuilder.Normal(row.Model)), row);
            }
        }

        return rows;
    }

    private static PriceRow? TryRead(JsonProperty model)
    {
        JsonElement fields = model.Value;
        string mode = fields.TryGetProperty("mode", out JsonElement said) ? said.GetString() ?? "" : "";
        if (!s_providers.TryGetValue(fields.GetProperty("litellm_provider").GetString() ?? "", out string? provider) || !s_modes.Contains(mode))
        {
            return null;
        }

        string name = model.Name[(model.Name.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var rates = new TokenRates
        {
            Input = Price(fields, "input_cost_per_token") ?? 0,
            Output = Price(fields, "output_cost_per_token") ?? 0,
            CachedInput = Price(fields, "cache_read_input_token_cost"),
            CacheWrite = Price(fields, "cache_creation_input_token_cost"),
        };
        // Regions with prices of their own, sizes of images, thoughts at another price, fees by the request, and what cost nothing while it was tried out.
        bool isOther = name.Contains('/', StringComparison.Ordinal) || name.Contains("image", StringComparison.Ordinal) || name.StartsWith("1024", StringComparison.Ordinal)
            || Price(fields, "output_cost_per_reasoning_token") is { } thought && thought != rates.Output
            || fields.TryGetProperty("input_cost_per_request", out _) || fields.TryGetProperty("input_cost_per_query", out _)
            || rates.Input == 0 || (rates.Output == 0 && mode != "embedding") || rates.UnitFault("") is not null;
        return isOther ? null : (PriceRow)ProviderRules.Apply(provider, name, Row(provider, name, fields, rates));
    }

    private static PriceRow Row(string provider, string name, JsonElement fields, TokenRates rates)
    {
        long above = Price(fields, "input_cost_per_token_above_200k_tokens") is not null ? 200 : Price(fields, "input_cost_per_token_above_128k_tokens") is not null ? 128 : 0;
        string suffix = $"_above_{above}k_tokens";
        return new PriceRow
        {
            Provider = provider,
            Model = name,
            Input = rates.Input,
            Output = rates.Output,
            CachedInput = rates.CachedInput is 0 ? null : rates.CachedInput,
            CacheWrite = rates.CacheWrite is 0 ? null : rates.CacheWrite,
            AboveTokens = above == 0 ? null : above * 1000,
            Above = above == 0 ? null : new TokenRates
            {
                Input = Price(fields, "input_cost_per_token" + suffix)!.Value,
                Output = Price(fields, "output_cost_per_token" + suffix) ?? rates.Output,
                CachedInput = Price(fields, "cache_read_input_token_cost" + suffix),
            },
            Batch = Price(fields, "input_cost_per_token_batches") is { } batch and > 0
                ? new TokenRates { Input = batch, Output = Price(fields, "output_cost_per_token_batches") ?? rates.Output }
                : null,
            Source = "litellm",
        };
    }

    // Tables that were calculated in floating point have 7.500000000000001e-08 in them.
    private static decimal? Price(JsonElement fields, string name)
        => fields.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            ? decimal.Parse(Math.Round((decimal)value.GetDouble() * 1_000_000m, 6).ToString("0.######", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : null;
}
