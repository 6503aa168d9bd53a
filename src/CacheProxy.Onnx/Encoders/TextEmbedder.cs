using System.Globalization;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using CacheProxy.Onnx.Sessions;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Onnx.Encoders;

/// <summary>Sentence encoder: text -> vector. Thread-safe; a warm single text allocates nothing.</summary>
public sealed class TextEmbedder : IDisposable
{
    [ThreadStatic]
    private static List<int>? t_ids;

    private readonly EncoderSession _encoder;
    private readonly IEncoderTokenizer _tokenizer;
    private readonly TextEmbedderOptions _options;

    private TextEmbedder(EncoderSession encoder, IEncoderTokenizer tokenizer, TextEmbedderOptions options)
    {
        _encoder = encoder;
        _tokenizer = tokenizer;
        _options = options;
        string settings = string.Create(CultureInfo.InvariantCulture, $"{options.Pooling}/{options.Normalize}/{options.MaxTokens}");
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData([.. encoder.Digest, .. Encoding.ASCII.GetBytes(settings)]));
    }

    /// <summary>64 hex digits over model, tokenizer and settings: vectors of different fingerprints must not be compared.</summary>
    public string Fingerprint { get; }

    /// <summary>Length of every vector.</summary>
    public int Dimensions => _encoder.OutputPerCell;

    /// <summary>Longest input in tokens, [CLS] and [SEP] included.</summary>
    public int MaxTokens => _options.MaxTokens;

    /// <param name="factory">Makes the session.</param>
    /// <param name="modelPath">ONNX file: <c>input_ids</c>, <c>attention_mask</c> and, where it takes them, <c>token_type_ids</c> int64 [batch, seq] -> <c>last_hidden_state</c> or <c>token_embeddings</c> float32 [batch, seq, dimensions].</param>
    /// <param name="tokenizerPath">tokenizer.json; its own truncation and padding are ignored.</param>
    /// <param name="options">Pooling, norm, length.</param>
    /// <exception cref="InvalidDataException">Model or tokenizer is not of this kind.</exception>
    public static TextEmbedder Load(OnnxSessionFactory factory, string modelPath, string tokenizerPath, TextEmbedderOptions options)
        => Load(factory, modelPath, tokenizerPath, new WordPieceFrame(WordPieceTokenizer.Load(tokenizerPath)), options);

    /// <summary>As above, with a tokenizer that was read from the file already.</summary>
    public static TextEmbedder Load(OnnxSessionFactory factory, string modelPath, string tokenizerPath, IEncoderTokenizer tokenizer, TextEmbedderOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTokens, tokenizer.Prefix.Count + tokenizer.Suffix.Count + 1);
        EncoderSession session = EncoderSession.Load(factory, modelPath, tokenizerPath, "last_hidden_state", "token_embeddings");
        if (session.OutputPerCell <= 0)
        {
            session.Dispose();
            throw new InvalidDataException($"{modelPath} does not say how many components its token vectors have.");
        }

        return new TextEmbedder(session, tokenizer, options);
    }

    /// <summary>Embeds one text into <paramref name="vector"/>, <see cref="Dimensions"/> long. The text is data: special tokens in it are plain text.</summary>
    public EmbeddingInfo Embed(ReadOnlySpan<char> text, Span<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, Dimensions);
        List<int> ids = t_ids ??= new List<int>(_options.MaxTokens);
        EmbeddingInfo info = Tokenize(text, ids);
        EncoderWorkspace workspace = _encoder.Rent();
        try
        {
            workspace.Prepare(1, ids.Count);
            Fill(workspace, 0, ids);
            Pool(workspace.Run(_encoder.RunOptions, 1, ids.Count), ids.Count, vector);
        }
        finally
        {
            _encoder.Return(workspace);
        }

        return info;
    }

    /// <summary>Embeds many texts, in the order given; texts of like length share a run.</summary>
    public IReadOnlyList<TextEmbedding> Embed(IReadOnlyList<string> texts)
    {
        var tokens = new List<int>[texts.Count];
        var results = new TextEmbedding[texts.Count];
        var infos = new EmbeddingInfo[texts.Count];
        for (int i = 0; i < texts.Count; i++)
        {
            tokens[i] = [];
            infos[i] = Tokenize(texts[i], tokens[i]);
        }

        int[] lengths = [.. tokens.Select(ids => ids.Count)];
        int[] byLength = PaddedRun.Order(lengths);
        for (int start = 0; start < byLength.Length;)
        {
            int rows = PaddedRun.Rows(lengths.AsSpan(start));
            EmbedBatch(byLength.AsSpan(start, rows), lengths[start], tokens, infos, results);
            start += rows;
        }

        return results;
    }

    /// <summary>Tokens that <see cref="Embed(ReadOnlySpan{char}, Span{float})"/> would read, without running the model.</summary>
    public EmbeddingInfo CountTokens(ReadOnlySpan<char> text) => Tokenize(text, t_ids ??= new List<int>(_options.MaxTokens));

    public void Dispose() => _encoder.Dispose();

    private EmbeddingInfo Tokenize(ReadOnlySpan<char> text, List<int> ids)
    {
        ids.Clear();
        ids.AddRange(_tokenizer.Prefix);
        bool whole = _tokenizer.Encode(text, _options.MaxTokens - _tokenizer.Prefix.Count - _tokenizer.Suffix.Count, ids);
        ids.AddRange(_tokenizer.Suffix);
        return new EmbeddingInfo(ids.Count, !whole);
    }

    private void EmbedBatch(ReadOnlySpan<int> rows, int width, List<int>[] tokens, EmbeddingInfo[] infos, TextEmbedding[] results)
    {
        EncoderWorkspace workspace = _encoder.Rent();
        try
        {
            workspace.Prepare(rows.Length, width);
            for (int row = 0; row < rows.Length; row++)
            {
                Fill(workspace, row * width, tokens[rows[row]]);
            }

            ReadOnlySpan<float> output = workspace.Run(_encoder.RunOptions, rows.Length, width);
            for (int row = 0; row < rows.Length; row++)
            {
                var vector = new float[Dimensions];
                int length = tokens[rows[row]].Count;
                Pool(output.Slice(row * width * Dimensions, length * Dimensions), length, vector);
                results[rows[row]] = new TextEmbedding(vector, infos[rows[row]]);
            }
        }
        finally
        {
            _encoder.Return(workspace);
        }
    }

    private static void Fill(EncoderWorkspace workspace, int start, List<int> ids)
    {
        Span<long> target = workspace.Ids.Slice(start, ids.Count);
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = ids[i];
        }

        workspace.Mask.Slice(start, ids.Count).Fill(1);
    }

    /// <param name="hidden">[length, Dimensions]</param>
    /// <param name="length">Real tokens.</param>
    /// <param name="vector">Receives the pooled vector.</param>
    private void Pool(ReadOnlySpan<float> hidden, int length, Span<float> vector)
    {
        hidden[..Dimensions].CopyTo(vector);
        if (_options.Pooling == Pooling.Mean)
        {
            for (int token = 1; token < length; token++)
            {
                TensorPrimitives.Add(vector, hidden.Slice(token * Dimensions, Dimensions), vector);
            }

            TensorPrimitives.Divide(vector, length, vector);
        }

        float norm = _options.Normalize ? TensorPrimitives.Norm<float>(vector) : 1;
        if (norm > 0)
        {
            TensorPrimitives.Divide(vector, norm, vector);
        }
    }
}
