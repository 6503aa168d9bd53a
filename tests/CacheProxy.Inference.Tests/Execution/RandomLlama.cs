using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Gguf;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>A small Llama with random weights: as a model file, and as a plain double-precision forward pass to compare with.</summary>
internal sealed class RandomLlama
{
    public const int Layers = 2, Vocabulary = 96, FeedForward = 96;
    private const double Base = 500, Epsilon = 1e-5;

    private readonly Dictionary<string, (float[] Values, int Columns)> _tensors = [];
    private readonly int _heads, _cached, _headSize;

    public RandomLlama(int heads, int keyValueHeads, int headSize, int seed)
    {
        (_heads, _cached, _headSize) = (heads, keyValueHeads, headSize);
        var random = new Random(seed);
        void Add(string name, int columns, int rows, double gain, double middle = 0) =>
            _tensors[name] = ([.. Enumerable.Range(0, columns * rows).Select(_ => (float)(middle + (gain * ((random.NextDouble() * 2) - 1))))], columns);
        void AddMatrix(string name, int columns, int rows) => Add(name, columns, rows, 2 / Math.Sqrt(columns));

        Add("token_embd.weight", Width, Vocabulary, 1);
        Add("output_norm.weight", Width, 1, 0.3, 1);
        for (int layer = 0; layer < Layers; layer++)
        {
            string block = $"blk.{layer}.";
            Add(block + "attn_norm.weight", Width, 1, 0.3, 1);
            Add(block + "ffn_norm.weight", Width, 1, 0.3, 1);
            AddMatrix(block + "attn_q.weight", Width, heads * headSize);
            AddMatrix(block + "attn_k.weight", Width, keyValueHeads * headSize);
            AddMatrix(block + "attn_v.weight", Width, keyValueHeads * headSize);
            AddMatrix(block + "attn_output.weight", heads * headSize, Width);
            AddMatrix(block + "ffn_gate.weight", Width, FeedForward);
            AddMatrix(block + "ffn_up.weight", Width, FeedForward);
            AddMatrix(block + "ffn_down.weight", FeedForward, Width);
        }
    }

    public static int Width => 64;

    /// <param name="q8">Names of matrices to store as Q8_0; the rest are F32. The reference then uses the rounded weights too.</param>
    public byte[] ToGguf(params string[] q8)
    {
        GgufWriter writer = new GgufWriter()
            .Add("general.architecture", "llama")
            .Add("llama.block_count", (uint)Layers)
            .Add("llama.context_length", 1024u)
            .Add("llama.embedding_length", (uint)Width)
            .Add("llama.feed_forward_length", (uint)FeedForward)
            .Add("llama.attention.head_count", (uint)_heads)
            .Add("llama.attention.head_count_kv", (uint)_cached)
            .Add("llama.attention.key_length", (uint)_headSize)
            .Add("llama.attention.layer_norm_rms_epsilon", (float)Epsilon)
            .Add("llama.rope.freq_base", (float)Base)
            .Add("llama.rope.dimension_count", (uint)_headSize);
        foreach ((string name, (float[] values, int columns)) in _tensors)
        {
            ulong[] shape = values.Length == columns ? [(ulong)columns] : [(ulong)columns, (ulong)(values.Length / columns)];
            _ = q8.Any(name.Contains) ? writer.AddTensor(name, GgufTensorType.Q8_0, RoundToQ8(values), shape) : writer.AddTensor(name, values, shape);
        }

        return writer.ToArray();
    }

    /// <summary>Logits of the last token, in double precision, without cache.</summary>
    public double[] Logits(int[] tokens)
    {
        double[][] x = [.. tokens.Select(token => Row("token_embd.weight", token))];
        for (int layer = 0; layer < Layers; layer++)
        {
            string block = $"blk.{layer}.";
            double[][] attended = Attend(block, [.. x.Select(row => Norm(row, block + "attn_norm.weight"))]);
            for (int i = 0; i < x.Length; i++)
            {
                x[i] = Add(x[i], Multiply(block + "attn_output.weight", attended[i]));
                double[] normed = Norm(x[i], block + "ffn_norm.weight");
                double[] gate = Multiply(block + "ffn_gate.weight", normed), up = Multiply(block + "ffn_up.weight", normed);
                x[i] = Add(x[i], Multiply(block + "ffn_down.weight", [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)]));
            }
        }

        return Multiply("token_embd.weight", Norm(x[^1], "output_norm.weight"));
    }

    private double[][] Attend(string block, double[][] normed)
    {
        double[][] Project(string name) => [.. normed.Select(row => Multiply(block + name, row))];
        (double[][] queries, double[][] keys, double[][] values) = (Project("attn_q.weight"), Project("attn_k.weight"), Project("attn_v.weight"));
        for (int i = 0; i < normed.Length; i++)
        {
            Rotate(queries[i], i);
            Rotate(keys[i], i);
        }

        var attended = new double[normed.Length][];
        for (int i = 0; i < normed.Length; i++)
        {
            attended[i] = new double[_heads * _headSize];
            for (int head = 0; head < _heads; head++)
            {
                int query = head * _headSize, key = head / (_heads / _cached) * _headSize;
                double[] weights = [.. Enumerable.Range(0, i + 1).Select(j => Math.Exp(Enumerable.Range(0, _headSize).Sum(d => queries[i][query + d] * keys[j][key + d]) / Math.Sqrt(_headSize)))];
                for (int d = 0; d < _headSize; d++)
                {
                    attended[i][query + d] = weights.Select((weight, j) => weight * values[j][key + d]).Sum() / weights.Sum();
                }
            }
        }

        return attended;
    }

    private void Rotate(double[] heads, int position)
    {
        for (int i = 0; i < heads.Length; i += 2)
        {
            (double sine, double cosine) = Math.SinCos(position * Math.Pow(Base, -(double)(i % _headSize) / _headSize));
            (heads[i], heads[i + 1]) = ((heads[i] * cosine) - (heads[i + 1] * sine), (heads[i] * sine) + (heads[i + 1] * cosine));
        }
    }

    private double[] Norm(double[] x, string gamma)
    {
        double scale = 1 / Math.Sqrt((x.Sum(v => v * v) / x.Length) + Epsilon);
        return [.. x.Zip(Row(gamma, 0), (v, g) => v * scale * g)];
    }

    private double[] Multiply(string matrix, double[] x)
    {
        (float[] values, int columns) = _tensors[matrix];
        double[] y = new double[values.Length / columns];
        for (int i = 0; i < values.Length; i++)
        {
            y[i / columns] += values[i] * x[i % columns];
        }

        return y;
    }

    private double[] Row(string tensor, int row)
    {
        (float[] values, int columns) = _tensors[tensor];
        return [.. values.Skip(row * columns).Take(columns).Select(v => (double)v)];
    }

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static byte[] RoundToQ8(float[] values)
    {
        var bytes = new List<byte>();
        for (int at = 0; at < values.Length; at += 32)
        {
            var scale = (Half)(values.AsSpan(at, 32).ToArray().Max(Math.Abs) / 127);
            bytes.AddRange(BitConverter.GetBytes(scale));
            for (int j = at; j < at + 32; j++)
            {
                int rounded = (int)Math.Clamp(Math.Round(values[j] / (float)scale), -127, 127);
                bytes.Add((byte)(sbyte)rounded);
                values[j] = rounded * (float)scale;
            }
        }

        return [.. bytes];
    }
}
