using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution;

/// <summary>A digest that tells models apart whose KV must not be mixed.</summary>
/// <remarks>
/// The graph goes in whole, since it holds the norms and biases, and so does the shape of attention. Of a weight matrix or the token table
/// evenly spaced samples do, since training moves all of them: a gigabyte of weights would otherwise cost half a second.
/// </remarks>
internal static unsafe class ModelFingerprint
{
    /// <summary>Changes whenever the layout or the arithmetic of the KV does.</summary>
    private const string Version = "cacheproxy-kv-1";

    private const int Samples = 256, SampleBytes = 4096;

    public delegate void ReadTokenRow(int token, Span<float> row);

    /// <param name="graph">Graph and weights.</param>
    /// <param name="readTokenRow">Gives a token's row, [width].</param>
    /// <param name="kv">The type of the KV, and what the options change about attention.</param>
    /// <returns>64 hexadecimal digits.</returns>
    public static string Compute(ModelGraph graph, ReadTokenRow readTokenRow, string kv)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, System.Text.Encoding.UTF8.GetBytes($"{Version} {kv}"));
        Append(hash, graph.Model);
        foreach (AttentionShape shape in graph.Config.Attention)
        {
            Append(hash, System.Text.Encoding.UTF8.GetBytes(shape.ToString()));
        }

        foreach (RotaryTable table in graph.Config.Rotations)
        {
            Append(hash, MemoryMarshal.AsBytes([.. table.Frequencies, .. table.LongFrequencies ?? [], table.Magnitude, table.OriginalContext]));
        }

        foreach (OnnxInitializer initializer in graph.Initializers)
        {
            AppendSamples(hash, initializer.Data);
        }

        float[] row = new float[graph.Config.Width];
        int vocabulary = graph.Config.Vocabulary, step = Math.Max(1, vocabulary / Samples);
        for (int token = 0; token < vocabulary; token += step)
        {
            readTokenRow(token, row);
            hash.AppendData(MemoryMarshal.AsBytes(row.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AppendSamples(IncrementalHash hash, NativeBuffer data)
    {
        hash.AppendData(BitConverter.GetBytes(data.ByteLength));
        long step = Math.Max(SampleBytes, data.ByteLength / Samples);
        for (long at = 0; at < data.ByteLength; at += step)
        {
            hash.AppendData(new ReadOnlySpan<byte>(data.Bytes + at, (int)Math.Min(SampleBytes, data.ByteLength - at)));
        }
    }

    /// <summary>With its length in front, so that no two lists of parts give the same bytes.</summary>
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        hash.AppendData(BitConverter.GetBytes(part.Length));
        hash.AppendData(part);
    }
}
