using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tokenizers;

/// <summary>
/// Reads a tokenizer.json as one of the two algorithms that generating models use. Whatever it asks for that is not done here is refused:
/// to leave a step out would give wrong tokens without any sign of it.
/// </summary>
internal static class TokenizerJson
{
    /// <param name="Tokenizer">With prefix and suffix, where there are some.</param>
    /// <param name="HasFrame">Whether the file itself says what stands around a prompt.</param>
    public readonly record struct Found(ModelTokenizer Tokenizer, bool HasFrame);

    /// <exception cref="ModelFormatException">The file contradicts itself, or asks for something without code.</exception>
    public static Found Read(JsonSection root)
    {
        JsonSection model = root.GetSection("model");
        if (model.FindString("type") is { } type and not "BPE")
        {
            throw model.Error("type", $"is {type}; BPE is supported");
        }

        foreach (string name in (ReadOnlySpan<string>)["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.FindString(name) is { Length: > 0 } text)
            {
                throw model.Error(name, $"is '{text}', which is not supported");
            }
        }

        IReadOnlyList<JsonSection> normalizers = Steps(root, "normalizer", "normalizers"), splitters = Steps(root, "pre_tokenizer", "pretokenizers");
        bool byteLevel = splitters.Any(step => step.FindString("type") == "ByteLevel");
        TokenList tokens = TokenList.Read(root, model, bytes: !byteLevel);
        IReadOnlyList<string> merges = MergeList.Read(model);
        try
        {
            ITokenizer tokenizer = byteLevel
                ? new ByteLevelBpeTokenizer(
                    new BpeVocabulary(tokens.Texts, tokens.Kinds, merges, "") { Trims = tokens.Trims }, ByteLevelRules.Read(normalizers, splitters, model))
                : new SentencePieceTokenizer(
                    new SentencePieceVocabulary(tokens.Texts, tokens.Kinds, [], SentencePieceRules.Read(normalizers, splitters, model)) { Merges = merges, Trims = tokens.Trims });
            PromptFrame frame = PromptFrame.Read(Steps(root, "post_processor", "processors"), tokens.Texts.Length);
            return new Found(new ModelTokenizer(tokenizer) { Prefix = frame.Prefix, Suffix = frame.Suffix }, root.Has("post_processor"));
        }
        catch (InvalidDataException error)
        {
            throw model.Error("merges", error.Message);
        }
    }

    /// <summary>One step, those of a sequence, or none.</summary>
    private static IReadOnlyList<JsonSection> Steps(JsonSection root, string name, string list)
    {
        if (root.FindSection(name) is not { } step)
        {
            return [];
        }

        return step.FindString("type") == "Sequence" ? step.FindSections(list) : [step];
    }
}
