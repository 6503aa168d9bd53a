using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CacheProxy.Onnx.Sessions;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Onnx.Encoders;

/// <summary>
/// Cross-encoder for the few candidates of a vector search: (cached prompt, new prompt) -> logit. Thread-safe; a warm call allocates nothing.
/// It answers for English pairs of some 60 word pieces; what is longer comes back as truncated, and the caller must refuse it.
/// </summary>
public sealed class SameAnswerVerifier : IDisposable
{
    private const int SpecialTokens = 3;

    // Which of two texts over this many pieces is the longer no longer matters: the pair is refused anyway.
    private const int MaxPieces = 1024;

    [ThreadStatic]
    private static List<int>? t_pieces;

    private readonly EncoderSession _encoder;
    private readonly WordPieceTokenizer _tokenizer;

    private SameAnswerVerifier(EncoderSession encoder, WordPieceTokenizer tokenizer, VerifierConfig config)
    {
        _encoder = encoder;
        _tokenizer = tokenizer;
        Config = config;
        string settings = string.Create(CultureInfo.InvariantCulture, $"{config.MaxTokens}/{config.PlattA:R}/{config.PlattB:R}");
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData([.. encoder.Digest, .. Encoding.ASCII.GetBytes(settings)]));
    }

    /// <summary>64 hex digits over model, tokenizer and calibration: verdicts of different fingerprints must not be compared.</summary>
    public string Fingerprint { get; }

    /// <summary>Calibration and thresholds.</summary>
    public VerifierConfig Config { get; }

    /// <param name="factory">Makes the session.</param>
    /// <param name="modelPath">ONNX file: the three BERT inputs int64 [batch, seq] -> <c>logit</c> float32 [batch].</param>
    /// <param name="tokenizerPath">tokenizer.json</param>
    /// <param name="configPath">config.json with calibration and thresholds.</param>
    /// <exception cref="InvalidDataException">One of the files is not of this kind.</exception>
    public static SameAnswerVerifier Load(OnnxSessionFactory factory, string modelPath, string tokenizerPath, string configPath)
    {
        VerifierConfig config = VerifierConfig.Load(configPath);
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(tokenizerPath);
        return new SameAnswerVerifier(EncoderSession.Load(factory, modelPath, tokenizerPath, "logit"), tokenizer, config);
    }

    /// <summary>Judges one pair.</summary>
    public SameAnswer Verify(string cached, string asked)
    {
        Span<SameAnswer> result = stackalloc SameAnswer[1];
        var pair = new SameAnswerPair(cached, asked);
        Verify(new ReadOnlySpan<SameAnswerPair>(in pair), result);
        return result[0];
    }

    /// <summary>Judges pairs, those of like length in one run; a verdict does not depend on the others in the batch.</summary>
    /// <param name="pairs">Special tokens written in them are plain text.</param>
    /// <param name="results">Receives one verdict per pair.</param>
    public void Verify(ReadOnlySpan<SameAnswerPair> pairs, Span<SameAnswer> results)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(results.Length, pairs.Length);
        if (pairs.IsEmpty)
        {
            return;
        }

        List<int> pieces = t_pieces ??= new List<int>(256);
        Span<PairLayout> layouts = pairs.Length <= 64 ? stackalloc PairLayout[pairs.Length] : new PairLayout[pairs.Length];
        pieces.Clear();
        for (int row = 0; row < pairs.Length; row++)
        {
            layouts[row] = Tokenize(pairs[row], pieces) with { Row = row };
        }

        if (pairs.Length > 1)
        {
            layouts.Sort(static (left, right) => right.Length.CompareTo(left.Length));
        }

        Span<int> lengths = pairs.Length <= 64 ? stackalloc int[pairs.Length] : new int[pairs.Length];
        for (int i = 0; i < layouts.Length; i++)
        {
            lengths[i] = layouts[i].Length;
        }

        for (int start = 0; start < layouts.Length;)
        {
            int rows = PaddedRun.Rows(lengths[start..]);
            Run(pieces, layouts.Slice(start, rows), lengths[start], results);
            start += rows;
        }
    }

    /// <summary>Compares the model with logits that it is known to give: processors without the usual 8-bit instructions were never measured.</summary>
    /// <param name="rows">Pairs with their logits.</param>
    /// <param name="maxMeanDifference">Largest mean absolute difference that passes; README of the model: 0.1.</param>
    /// <exception cref="InvalidDataException">The model differs by more: its thresholds do not hold here.</exception>
    public void CheckAgainst(IReadOnlyList<(SameAnswerPair Pair, float Logit)> rows, double maxMeanDifference = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count);
        double mean = rows.Average(row => Math.Abs((double)Verify(row.Pair.Cached, row.Pair.Asked).Logit - row.Logit));
        if (!(mean <= maxMeanDifference))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"The verifier's logits differ from the reference by {mean:F3} on average over {rows.Count} pairs (allowed {maxMeanDifference}): it is not to be trusted on this machine."));
        }
    }

    public void Dispose() => _encoder.Dispose();

    private PairLayout Tokenize(SameAnswerPair pair, List<int> pieces)
    {
        int start = pieces.Count;
        bool whole = _tokenizer.Encode(pair.Cached, parseSpecial: false, MaxPieces, pieces);
        int middle = pieces.Count;
        whole &= _tokenizer.Encode(pair.Asked, parseSpecial: false, MaxPieces, pieces);
        int first = middle - start, second = pieces.Count - middle;
        (int keptFirst, int keptSecond) = PairTruncation.Fit(first, second, Config.MaxTokens - SpecialTokens);
        return new PairLayout(start, keptFirst, middle, keptSecond, !whole || keptFirst < first || keptSecond < second);
    }

    private void Run(List<int> pieces, ReadOnlySpan<PairLayout> layouts, int width, Span<SameAnswer> results)
    {
        EncoderWorkspace workspace = _encoder.Rent();
        try
        {
            workspace.Prepare(layouts.Length, width);
            for (int row = 0; row < layouts.Length; row++)
            {
                Fill(workspace, row * width, pieces, layouts[row]);
            }

            ReadOnlySpan<float> logits = workspace.Run(_encoder.RunOptions, layouts.Length, width);
            for (int row = 0; row < layouts.Length; row++)
            {
                results[layouts[row].Row] = new SameAnswer(logits[row], Config.ProbabilityOf(logits[row]), layouts[row].Truncated);
            }
        }
        finally
        {
            _encoder.Return(workspace);
        }
    }

    /// <summary>[CLS] first [SEP] second [SEP]; type 1 behind the first [SEP].</summary>
    private void Fill(EncoderWorkspace workspace, int offset, List<int> pieces, PairLayout layout)
    {
        Span<long> ids = workspace.Ids.Slice(offset, layout.Length);
        ids[0] = _tokenizer.ClassifyId;
        for (int i = 0; i < layout.FirstCount; i++)
        {
            ids[1 + i] = pieces[layout.FirstStart + i];
        }

        int second = layout.FirstCount + 2;
        ids[second - 1] = _tokenizer.SeparatorId;
        for (int i = 0; i < layout.SecondCount; i++)
        {
            ids[second + i] = pieces[layout.SecondStart + i];
        }

        ids[^1] = _tokenizer.SeparatorId;
        workspace.Mask.Slice(offset, layout.Length).Fill(1);
        workspace.Types.Slice(offset + second, layout.Length - second).Fill(1);
    }

    private readonly record struct PairLayout(int FirstStart, int FirstCount, int SecondStart, int SecondCount, bool Truncated)
    {
        /// <summary>Which of the pairs it is.</summary>
        public int Row { get; init; }

        public int Length => FirstCount + SecondCount + SpecialTokens;
    }
}
