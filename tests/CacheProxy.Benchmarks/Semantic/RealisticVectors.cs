using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CacheProxy.Onnx.Encoders;

namespace CacheProxy.Benchmarks.Semantic;

/// <summary>
/// As many vectors as wanted that lie as an encoder's do: embeddings of real texts, each moved a random way along the difference of two
/// others, so that clusters are dense and uneven and the directions in which vectors differ are those in which real ones do.
/// </summary>
internal sealed class RealisticVectors
{
    private readonly float[][] _stored;
    private readonly float[][] _asked;

    private RealisticVectors(float[][] stored, float[][] asked)
    {
        _stored = stored;
        _asked = asked;
    }

    public int Dimensions => _stored[0].Length;

    /// <summary>Embeddings of texts that are not among those that the vectors were made from.</summary>
    public ReadOnlySpan<float[]> Asked => _asked;

    /// <summary>The embeddings are computed once and kept in the temporary folder.</summary>
    public static RealisticVectors Load(TextEmbedder embedder, int texts, int asked)
    {
        string path = Path.Combine(Path.GetTempPath(), $"cacheproxy-vectors-{embedder.Fingerprint[..16]}-{texts}.bin");
        if (!File.Exists(path))
        {
            Console.WriteLine($"embedding {texts} texts, once ...");
            IReadOnlyList<TextEmbedding> made = embedder.Embed(SharedTexts.Read(texts));
            File.WriteAllBytes(path, [.. made.SelectMany(one => MemoryMarshal.AsBytes(one.Vector.AsSpan()).ToArray())]);
        }

        float[][] all = [.. MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray().Chunk(embedder.Dimensions)];
        return new RealisticVectors(all[asked..], all[..asked]);
    }

    /// <summary>The same number gives the same vector.</summary>
    public float[] Stored(int number) => Moved(_stored[number % _stored.Length], 0.1f, 0.9f, new Random(number));

    /// <summary>A question near the stored one, at a cosine of about 0.75 to 0.97.</summary>
    public float[] Near(int number) => Moved(Stored(number), 0.25f, 0.8f, new Random(~number));

    private float[] Moved(float[] from, float least, float most, Random random)
    {
        float[] way = new float[from.Length];
        TensorPrimitives.Subtract(_stored[random.Next(_stored.Length)], _stored[random.Next(_stored.Length)], way);
        float length = TensorPrimitives.Norm<float>(way);
        float share = length > 0 ? (least + ((most - least) * random.NextSingle())) / length : 0;
        TensorPrimitives.MultiplyAdd(way, share, from, way);
        TensorPrimitives.Divide(way, TensorPrimitives.Norm<float>(way), way);
        return way;
    }
}
