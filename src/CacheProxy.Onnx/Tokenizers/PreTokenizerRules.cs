using System.Collections.Frozen;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>What a named pre-tokeniser does; the names are GGUF's <c>tokenizer.ggml.pre</c>.</summary>
/// <param name="Pattern">Which family of patterns cuts words.</param>
/// <param name="MaxNumberLength">Longest run of number characters in one piece; <see cref="int.MaxValue"/> for no limit.</param>
/// <param name="NumbersFirst">Number characters are split off alone before the pattern runs, so that a piece's end counts as the text's end.</param>
/// <param name="IgnoreMerges">A piece that is a token as a whole becomes it without merging.</param>
/// <param name="Compose">Text is brought to NFC first.</param>
public sealed record PreTokenizerRules(
    PreTokenizerPattern Pattern,
    int MaxNumberLength,
    bool NumbersFirst = false,
    bool IgnoreMerges = false,
    bool Compose = false)
{
    private static readonly PreTokenizerRules s_gpt2 = new(PreTokenizerPattern.Gpt2, int.MaxValue);
    private static readonly PreTokenizerRules s_digits = new(PreTokenizerPattern.Gpt2, 1, NumbersFirst: true);
    private static readonly PreTokenizerRules s_llama3 = new(PreTokenizerPattern.Llama3, 3, IgnoreMerges: true);
    private static readonly PreTokenizerRules s_dbrx = new(PreTokenizerPattern.Llama3, 3);
    private static readonly PreTokenizerRules s_qwen2 = new(PreTokenizerPattern.Llama3, 1, Compose: true);

    private static readonly FrozenDictionary<string, PreTokenizerRules> s_byName = new Dictionary<string, PreTokenizerRules>
    {
        ["gpt-2"] = s_gpt2,
        ["gpt2"] = s_gpt2,
        ["phi-2"] = s_gpt2,
        ["olmo"] = s_gpt2,
        ["smollm"] = s_digits,
        ["starcoder"] = s_digits,
        ["refact"] = s_digits,
        ["command-r"] = s_digits,
        ["codeshell"] = s_digits,
        ["llama-bpe"] = s_llama3,
        ["llama-v3"] = s_llama3,
        ["llama3"] = s_llama3,
        ["falcon3"] = s_llama3,
        ["dbrx"] = s_dbrx,
        ["smaug-bpe"] = s_dbrx,
        ["qwen2"] = s_qwen2,
        ["deepseek-r1-qwen"] = s_qwen2,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names that <see cref="Find"/> knows, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_byName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The rules of a name.</summary>
    /// <exception cref="NotSupportedException">The name is unknown: guessing would give wrong tokens without any sign of it.</exception>
    public static PreTokenizerRules Find(string name) =>
        s_byName.TryGetValue(name, out PreTokenizerRules? rules)
            ? rules
            : throw new NotSupportedException($"Pre-tokeniser '{name}' is not known. Known: {string.Join(", ", Names)}.");
}
