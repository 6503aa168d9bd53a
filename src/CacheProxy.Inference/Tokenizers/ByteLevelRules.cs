using System.Globalization;
using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tokenizers;

/// <summary>Recognises the ways in which byte-level tokenizers cut text; the scanners behind <see cref="PreTokenizerRules"/> run them, not a regex.</summary>
internal static class ByteLevelRules
{
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Llama 3's, with the run of digits left open.</summary>
    private const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}#| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const int MaxDigits = 9;

    /// <exception cref="ModelFormatException">A step is of another kind.</exception>
    public static PreTokenizerRules Read(IReadOnlyList<JsonSection> normalizers, IReadOnlyList<JsonSection> splitters, JsonSection model)
    {
        foreach (JsonSection normalizer in normalizers)
        {
            _ = normalizer.GetString("type") is "NFC" ? true : throw normalizer.Error("type", $"is {normalizer.GetString("type")}; NFC is supported with ByteLevel");
        }

        return Splitting(splitters) with { IgnoreMerges = model.FindBoolean("ignore_merges") == true, Compose = normalizers.Count > 0 };
    }

    private static PreTokenizerRules Splitting(IReadOnlyList<JsonSection> steps)
    {
        JsonSection bytes = steps[^1];
        if (bytes.GetString("type") != "ByteLevel" || steps.Count > 2)
        {
            throw bytes.Error("type", $"is {bytes.GetString("type")}, step {steps.Count}; ByteLevel alone or behind one other step is supported");
        }

        if (bytes.FindBoolean("add_prefix_space") != false)
        {
            throw bytes.Error("add_prefix_space", "is not false, which is not supported");
        }

        bool regex = bytes.FindBoolean("use_regex") ?? true;
        if (steps.Count == 1)
        {
            return regex ? new(PreTokenizerPattern.Gpt2, int.MaxValue) : throw bytes.Error("use_regex", "is false, and no step in front cuts the text");
        }

        JsonSection first = steps[0];
        return first.GetString("type") switch
        {
            "Digits" when regex => first.FindBoolean("individual_digits") == true
                ? new(PreTokenizerPattern.Gpt2, 1, NumbersFirst: true)
                : throw first.Error("individual_digits", "is not true, which is not supported"),
            "Split" when !regex => Split(first),
            var type => throw first.Error("type", $"is {type}; Digits in front of ByteLevel with its pattern, or Split in front of it without, are supported"),
        };
    }

    private static PreTokenizerRules Split(JsonSection step)
    {
        // To keep what matches and to remove what does not match are the same: the patterns match everything.
        if ((step.FindString("behavior"), step.FindBoolean("invert") ?? false) is not (("Isolated", false) or ("Removed", true)))
        {
            throw step.Error("behavior", $"is {step.FindString("behavior")}; Isolated is supported");
        }

        JsonSection pattern = step.GetSection("pattern");
        string regex = pattern.GetString("Regex");
        if (regex == Gpt2)
        {
            return new(PreTokenizerPattern.Gpt2, int.MaxValue);
        }

        for (int digits = 1; digits <= MaxDigits; digits++)
        {
            string run = digits == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{{1,{digits}}}");
            if (regex == Llama3.Replace("#", run, StringComparison.Ordinal))
            {
                return new(PreTokenizerPattern.Llama3, digits);
            }
        }

        return regex == Llama3.Replace("#", "+", StringComparison.Ordinal)
            ? new(PreTokenizerPattern.Llama3, int.MaxValue)
            : throw pattern.Error("Regex", $"is {regex}; the patterns of GPT-2, Llama 3 and Qwen 2 are supported");
    }
}
