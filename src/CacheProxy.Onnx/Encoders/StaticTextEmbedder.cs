using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Onnx.Encoders;

/// <summary>
/// Text to vector without a neural network: the sum of the rows of its word pieces, scaled to length 1. A question takes microseconds and
/// allocates nothing. Word order is not seen, so its cosine can tell what is unlike, never what is the same. Thread-safe.
/// </summary>
public sealed class StaticTextEmbedder
{
    [ThreadStatic]
    private static List<int>? t_ids;

    private readonly WordPieceTokenizer _tokenizer;
    private readonly StaticVectors _vectors;

    private StaticTextEmbedder(WordPieceTokenizer tokenizer, StaticVectors vectors, string fingerprint)
    {
        _tokenizer = tokenizer;
        _vectors = vectors;
        Fingerprint = fingerprint;
    }

    /// <summary>64 hex digits over table and tokenizer: vectors of different fingerprints must not be compared.</summary>
    public string Fingerprint { get; }

    /// <summary>Length of every vector.</summary>
    public int Dimensions => _vectors.Dimensions;

    /// <param name="modelPath">safetensors with <c>embeddings</c> I8 [tokens, dimensions] and <c>scales</c> F32 [tokens].</param>
    /// <param name="tokenizerPath">tokenizer.json of the same vocabulary.</param>
    /// <exception cref="InvalidDataException">They are not of this kind, or not of each other.</exception>
    public static StaticTextEmbedder Load(string modelPath, string tokenizerPath)
    {
        StaticVectors vectors = StaticVectors.Read(modelPath);
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(tokenizerPath);
        if (tokenizer.VocabularySize != vectors.Tokens)
        {
            throw new InvalidDataException($"{modelPath} has {vectors.Tokens} rows for the {tokenizer.VocabularySize} tokens of {tokenizerPath}.");
        }

        byte[] digests = [.. SHA256.HashData(MemoryMarshal.AsBytes(vectors.Rows.AsSpan())), .. SHA256.HashData(MemoryMarshal.AsBytes(vectors.Scales.AsSpan())),
            .. SHA256.HashData(File.ReadAllBytes(tokenizerPath))];
        return new StaticTextEmbedder(tokenizer, vectors, Convert.ToHexStringLower(SHA256.HashData(digests)));
    }

    /// <summary>Writes the unit vector of the text, of any length, or zeros where there is none: see <see cref="StaticEmbeddingInfo.IsEmpty"/>.</summary>
    /// <param name="text">Any text. <c>[CLS]</c> and its like, written in it, are those tokens and add nothing.</param>
    /// <param name="vector">[<see cref="Dimensions"/>]</param>
    public StaticEmbeddingInfo Embed(ReadOnlySpan<char> text, Span<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, Dimensions);
        List<int> ids = t_ids ??= new List<int>(256);
        ids.Clear();
        _tokenizer.Encode(text, parseSpecial: true, int.MaxValue, ids);
        vector.Clear();
        int unknown = 0;
        foreach (int id in ids)
        {
            unknown += id == _tokenizer.UnknownId ? 1 : 0;
            AddScaled(_vectors.Row(id), _vectors.Scales[id], vector);
        }

        int read = ids.Count;
        Forget(ids);
        float norm = TensorPrimitives.Norm<float>(vector);
        if (!(norm > 0))
        {
            vector.Clear();
            return new StaticEmbeddingInfo(read, unknown, IsEmpty: true);
        }

        TensorPrimitives.Divide(vector, norm, vector);
        return new StaticEmbeddingInfo(read, unknown, IsEmpty: false);
    }

    /// <summary>Ids of the text's word pieces, without [CLS] and [SEP]: what <see cref="Embed"/> sums up.</summary>
    internal IReadOnlyList<int> Tokenize(ReadOnlySpan<char> text)
    {
        List<int> ids = [];
        _tokenizer.Encode(text, parseSpecial: true, int.MaxValue, ids);
        return ids;
    }

    private static void AddScaled(ReadOnlySpan<sbyte> row, float scale, Span<float> sum)
    {
        int at = 0;
        for (; at <= row.Length - Vector<sbyte>.Count; at += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(row[at..]), out Vector<short> low, out Vector<short> high);
            AddScaled(low, scale, sum[at..]);
            AddScaled(high, scale, sum[(at + Vector<short>.Count)..]);
        }

        for (; at < row.Length; at++)
        {
            sum[at] += scale * row[at];
        }
    }

    private static void AddScaled(Vector<short> row, float scale, Span<float> sum)
    {
        Vector.Widen(row, out Vector<int> low, out Vector<int> high);
        Span<float> rest = sum[Vector<float>.Count..];
        (new Vector<float>(sum) + (Vector.ConvertToSingle(low) * scale)).CopyTo(sum);
        (new Vector<float>(rest) + (Vector.ConvertToSingle(high) * scale)).CopyTo(rest);
    }

    // A thread that has met a text of a megabyte does not keep its room for ever.
    private static void Forget(List<int> ids)
    {
        if (ids.Capacity > 64 * 1024)
        {
            t_ids = null;
        }
    }
}
