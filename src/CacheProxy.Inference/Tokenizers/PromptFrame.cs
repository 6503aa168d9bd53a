using System.Text.Json;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tokenizers;

/// <summary>What a post-processor puts around the ids of a text.</summary>
internal readonly record struct PromptFrame(int[] Prefix, int[] Suffix)
{
    /// <param name="steps">Those of <c>post_processor</c>.</param>
    /// <param name="vocabulary">Number of tokens.</param>
    /// <exception cref="ModelFormatException">A step is of another kind, or names an unknown token.</exception>
    public static PromptFrame Read(IReadOnlyList<JsonSection> steps, int vocabulary)
    {
        var frame = new PromptFrame([], []);
        foreach (JsonSection step in steps)
        {
            frame = step.GetString("type") switch
            {
                "TemplateProcessing" => ReadTemplate(step, vocabulary),

                "RobertaProcessing" or "BertProcessing" => new PromptFrame([Id(step, "cls", vocabulary)], [Id(step, "sep", vocabulary)]),

                // It only moves offsets.
                "ByteLevel" => frame,
                var type => throw step.Error("type", $"is {type}; TemplateProcessing, RobertaProcessing, BertProcessing and ByteLevel are supported"),
            };
        }

        return frame;
    }

    // A token's text and its id.
    private static int Id(JsonSection step, string name, int vocabulary)
        => step.Find(name) is { ValueKind: JsonValueKind.Array } token && token.GetArrayLength() == 2 && token[1].ValueKind == JsonValueKind.Number
            && token[1].TryGetInt32(out int id) && (uint)id < (uint)vocabulary
            ? id
            : throw step.Error(name, $"is {step.Find(name)?.GetRawText() ?? "missing"}, not a token of the {vocabulary} with its id");

    private static PromptFrame ReadTemplate(JsonSection step, int vocabulary)
    {
        List<int> prefix = [], suffix = [];
        bool behind = false;
        foreach (JsonSection part in step.FindSections("single"))
        {
            if (part.FindSection("Sequence") is not null)
            {
                behind = true;
            }
            else
            {
                (behind ? suffix : prefix).AddRange(Ids(step, part.GetSection("SpecialToken").GetString("id"), vocabulary));
            }
        }

        return behind ? new PromptFrame([.. prefix], [.. suffix]) : throw step.Error("single", "has no place for the text");
    }

    private static IEnumerable<int> Ids(JsonSection step, string name, int vocabulary)
    {
        JsonSection token = step.GetSection("special_tokens").GetSection(name);
        if (token.Find("ids") is not { ValueKind: JsonValueKind.Array } ids)
        {
            throw token.Error("ids", "is not a list");
        }

        return ids.EnumerateArray().Select(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int number) && (uint)number < (uint)vocabulary
            ? number
            : throw token.Error("ids", $"has {id.GetRawText()}, which is no token of the {vocabulary}"));
    }
}
