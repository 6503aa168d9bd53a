using System.Text.Json;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tokenizers;

/// <summary>Merge rules of a tokenizer.json: texts of two tokens with a space between, or since tokenizers 0.20 pairs of texts.</summary>
internal static class MergeList
{
    /// <exception cref="ModelFormatException">There are none, or one is of another form.</exception>
    public static IReadOnlyList<string> Read(JsonSection model)
    {
        if (model.Find("merges") is not { ValueKind: JsonValueKind.Array } list)
        {
            throw model.Error("merges", "is not a list");
        }

        var merges = new List<string>(list.GetArrayLength());
        foreach (JsonElement rule in list.EnumerateArray())
        {
            merges.Add(rule.ValueKind switch
            {
                JsonValueKind.String => rule.GetString()!,
                JsonValueKind.Array when rule.GetArrayLength() == 2 && IsToken(rule[0]) && IsToken(rule[1]) => $"{rule[0].GetString()} {rule[1].GetString()}",
                _ => throw model.Error($"merges[{merges.Count}]", $"is {rule.GetRawText()}, not two tokens without spaces"),
            });
        }

        return merges;
    }

    private static bool IsToken(JsonElement text) => text.ValueKind == JsonValueKind.String && !text.GetString()!.Contains(' ', StringComparison.Ordinal);
}
