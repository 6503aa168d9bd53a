using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Gguf;

/// <summary>What a model file says about its tokenizer, as plain values.</summary>
public sealed record GgufVocabulary
{
    /// <summary>Algorithm: <c>gpt2</c> is byte-level BPE, <c>llama</c> SentencePiece.</summary>
    public required string Model { get; init; }

    /// <summary>Pre-tokeniser of byte-level BPE, for example <c>smollm</c>; empty where the file names none.</summary>
    public required string PreTokenizer { get; init; }

    /// <summary>Text of each token by id, in the byte alphabet of <see cref="Model"/>.</summary>
    public required string[] Tokens { get; init; }

    /// <summary>Kind by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. Same length as <see cref="Tokens"/>.</summary>
    public required int[] TokenTypes { get; init; }

    /// <summary>BPE merges by rank, each two token texts with a space between; empty where the algorithm has none.</summary>
    public required string[] Merges { get; init; }

    /// <summary>Score by id where the algorithm is SentencePiece: of two possible merges the higher goes first.</summary>
    public float[] Scores { get; init; } = [];

    /// <summary>Whether SentencePiece text is treated as if a space stood in front; null where the file does not say.</summary>
    public bool? AddSpacePrefix { get; init; }

    public int? BeginOfSequence { get; init; }

    public int? EndOfSequence { get; init; }

    /// <summary>End of a chat turn, where it differs from <see cref="EndOfSequence"/>.</summary>
    public int? EndOfTurn { get; init; }

    public int? Unknown { get; init; }

    public int? Padding { get; init; }

    /// <summary>Whether <see cref="BeginOfSequence"/> stands in front of every prompt; null where the file does not say.</summary>
    public bool? AddBeginOfSequence { get; init; }

    /// <summary>The Jinja template that turns messages into a prompt, or null.</summary>
    public string? ChatTemplate { get; init; }

    /// <exception cref="ModelFormatException">A key is missing, of the wrong type, or contradicts another.</exception>
    public static GgufVocabulary Read(GgufFile file)
    {
        GgufMetadata metadata = file.Metadata;
        string[] tokens = metadata.GetArray<string>("tokenizer.ggml.tokens");
        int[]? types = metadata.FindArray<int>("tokenizer.ggml.token_type");
        if (types is not null && types.Length != tokens.Length)
        {
            throw metadata.Error("tokenizer.ggml.token_type", $"has {types.Length} entries for {tokens.Length} tokens");
        }

        int? Special(string name)
        {
            string key = $"tokenizer.ggml.{name}_token_id";
            int? id = metadata.FindInt32(key);
            return id is null || (uint)id < (uint)tokens.Length ? id : throw metadata.Error(key, $"is {id}, outside the vocabulary of {tokens.Length}");
        }

        return new GgufVocabulary
        {
            Model = metadata.GetString("tokenizer.ggml.model"),
            PreTokenizer = metadata.FindString("tokenizer.ggml.pre") ?? "",
            Tokens = tokens,
            TokenTypes = types ?? Enumerable.Repeat(1, tokens.Length).ToArray(),
            Merges = metadata.FindArray<string>("tokenizer.ggml.merges") ?? [],
            Scores = metadata.FindArray<float>("tokenizer.ggml.scores") ?? [],
            AddSpacePrefix = metadata.FindBoolean("tokenizer.ggml.add_space_prefix"),
            BeginOfSequence = Special("bos"),
            EndOfSequence = Special("eos"),
            EndOfTurn = Special("eot"),
            Unknown = Special("unknown"),
            Padding = Special("padding"),
            AddBeginOfSequence = metadata.FindBoolean("tokenizer.ggml.add_bos_token"),
            ChatTemplate = metadata.FindString("tokenizer.chat_template"),
        };
    }
}
