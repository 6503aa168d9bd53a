using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>One attention operator with random inputs: as a plain double-precision computation to compare with.</summary>
internal sealed class AttentionCase
{
    public const float Epsilon = 1e-6f;

    private readonly double[][] _queries;
    private readonly double[][] _keys;
    private readonly double[][] _values;

    public AttentionCase(AttentionShape shape, RotaryTable? rotary, int tokens, int seed, bool bias = false, ContextEviction? eviction = null, KvDataType type = KvDataType.Float32, int? total = null)
    {
        (Shape, Rotary, Tokens, Eviction, Type) = (shape, rotary, tokens, eviction, type);
        var random = new Random(seed);
        float[] Draw(int count, double middle, double spread) => [.. Enumerable.Range(0, count).Select(_ => (float)(middle + (spread * ((2 * random.NextDouble()) - 1))))];
        Packed = Draw(tokens * shape.PackedWidth, 0, 2);
        Bias = bias ? Draw(shape.PackedWidth, 0, 1) : null;
        int factor = shape.HeadNorm == HeadNorm.Whole ? 1 : 0;
        QueryGamma = shape.HeadNorm == HeadNorm.None ? null : Draw(shape.HeadSize * (factor == 1 ? shape.QueryHeads : 1), 1, 0.3);
        KeyGamma = shape.HeadNorm == HeadNorm.None ? null : Draw(shape.HeadSize * (factor == 1 ? shape.KeyValueHeads : 1), 1, 0.3);
        TotalLength = total ?? tokens;
        _queries = Part(0, shape.QueryWidth, QueryGamma);
        _keys = Part(shape.QueryWidth, shape.CachedWidth, KeyGamma);
        _values = Part(shape.QueryWidth + shape.CachedWidth, shape.CachedWidth, null);
    }

    public AttentionShape Shape { get; }

    public RotaryTable? Rotary { get; }

    public int Tokens { get; }

    public ContextEviction? Eviction { get; }

    public KvDataType Type { get; }

    public int TotalLength { get; }

    /// <summary>[tokens, packed width].</summary>
    public float[] Packed { get; }

    public float[]? Bias { get; }

    public float[]? QueryGamma { get; }

    public float[]? KeyGamma { get; }

    /// <summary>What the token at <paramref name="position"/> gets, [query heads * head size].</summary>
    public double[] Attend(int position)
    {
        double[] attended = new double[Shape.QueryWidth];
        int size = Shape.HeadSize;
        for (int head = 0; head < Shape.QueryHeads; head++)
        {
            int at = head * size, cached = head / (Shape.QueryHeads / Shape.KeyValueHeads) * size;
            var weights = new List<(int Position, double Weight)>();
            foreach ((int key, int queryPosition) in Visible(position))
            {
                double[] query = Rotate(_queries[position][at..(at + size)], queryPosition);
                double[] stored = Round(Rotate(_keys[key][cached..(cached + size)], key));
                double score = query.Zip(stored, (q, k) => q * k).Sum() * Shape.Scale;
                score = Shape.SoftCap > 0 ? Shape.SoftCap * Math.Tanh(score / Shape.SoftCap) : score;
                weights.Add((key, score));
            }

            double best = weights.Max(weight => weight.Weight), total = weights.Sum(weight => Math.Exp(weight.Weight - best));
            foreach ((int key, double weight) in weights)
            {
                double[] value = Round(_values[key][cached..(cached + size)]);
                for (int i = 0; i < size; i++)
                {
                    attended[at + i] += Math.Exp(weight - best) / total * value[i];
                }
            }
        }

        return attended;
    }

    /// <summary>The keys that a token sees, each with the position that its query is rotated to.</summary>
    private IEnumerable<(int Key, int QueryPosition)> Visible(int position)
    {
        for (int key = 0; key <= position; key++)
        {
            bool inWindow = Shape.Window == 0 || position - key < Shape.Window;
            if (Eviction is null || Shape.Window > 0)
            {
                if (inWindow && (Eviction is null || position - key < Eviction.Window))
                {
                    yield return (key, position);
                }
            }
            else if (key < Eviction.Sinks)
            {
                yield return (key, Math.Min(position, Eviction.Sinks + Eviction.Window - 1));
            }
            else if (position - key < Eviction.Window)
            {
                yield return (key, position);
            }
        }
    }

    private double[] Rotate(double[] head, int position)
    {
        if (Rotary is null)
        {
            return head;
        }

        int reach = Eviction is null ? TotalLength : Math.Min(TotalLength, Eviction.Sinks + Eviction.Window);
        double[] frequencies = Rotary.LongFrequencies is { } others && reach > Rotary.OriginalContext ? others : Rotary.Frequencies;
        double[] turned = [.. head];
        for (int pair = 0; pair < frequencies.Length; pair++)
        {
            (int a, int b) = Shape.Layout == RotaryLayout.Pairs ? (2 * pair, (2 * pair) + 1) : (pair, pair + frequencies.Length);
            (double sine, double cosine) = Math.SinCos(position * frequencies[pair]);
            turned[a] = Rotary.Magnitude * ((head[a] * cosine) - (head[b] * sine));
            turned[b] = Rotary.Magnitude * ((head[a] * sine) + (head[b] * cosine));
        }

        return turned;
    }

    /// <summary>As the pool keeps it.</summary>
    private double[] Round(double[] head)
    {
        if (Type == KvDataType.Float32)
        {
            return head;
        }

        double scale = head.Max(Math.Abs) / 127;
        return [.. head.Select(value => Math.Round(value / scale) * scale)];
    }

    private double[][] Part(int from, int width, float[]? gamma) =>
        [.. Enumerable.Range(0, Tokens).Select(token => Norm([.. Enumerable.Range(from, width).Select(i => (double)Packed[(token * Shape.PackedWidth) + i] + (Bias?[i] ?? 0))], gamma))];

    private static double[] Norm(double[] heads, float[]? gamma)
    {
        if (gamma is null)
        {
            return heads;
        }

        double[] normed = new double[heads.Length];
        for (int from = 0; from < heads.Length; from += gamma.Length)
        {
            double scale = 1 / Math.Sqrt((heads.Skip(from).Take(gamma.Length).Sum(x => x * x) / gamma.Length) + Epsilon);
            for (int i = 0; i < gamma.Length; i++)
            {
                normed[from + i] = heads[from + i] * scale * gamma[i];
            }
        }

        return normed;
    }
}
