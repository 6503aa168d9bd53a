using CacheProxy.Inference.Execution.Operators;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Tests.Execution.Device;

/// <summary>com.microsoft.PagedAttention by its documentation, one number after the other, in double precision.</summary>
internal sealed unsafe class PagedAttentionReference(nint node) : OperatorKernel
{
    private readonly int _heads = (int)OrtKernelApi.GetInteger(node, "num_heads"u8);
    private readonly int _kvHeads = (int)OrtKernelApi.GetInteger(node, "kv_num_heads"u8);
    private readonly int _window = (int)OrtKernelApi.GetInteger(node, "local_window_size"u8);
    private readonly bool _rotates = OrtKernelApi.GetInteger(node, "do_rotary"u8) != 0;
    private readonly bool _interleaved = OrtKernelApi.GetInteger(node, "rotary_interleaved"u8) != 0;
    private readonly float _epsilon = OrtKernelApi.GetSingle(node, "qk_norm_epsilon"u8);
    private readonly float _scale = OrtKernelApi.GetSingle(node, "scale"u8), _softCap = OrtKernelApi.GetSingle(node, "softcap"u8);

    public static OperatorDefinition Define()
    {
        var types = new OnnxType[17];
        Array.Fill(types, OnnxType.Float);
        foreach (int index in (int[])[5, 6, 7, 10, 16])
        {
            types[index] = OnnxType.Int32;
        }

        return new OperatorDefinition("PagedAttention", types.Length, 0b1_1111_1111_0000_0110, 3, node => new PagedAttentionReference(node), types);
    }

    public override void Compute(OperatorContext context)
    {
        long[] cache = context.Shape(3);
        int blockSize = (int)cache[1], headSize = (int)cache[3], sequences = (int)context.Shape(6)[0], width = (int)context.Shape(7)[1];
        Assert.Equal(_kvHeads, cache[2]);
        int stride = (_heads + (2 * _kvHeads)) * headSize, tokens = (int)context.Shape(0)[0];
        float* keys = context.Input(3), values = context.Input(4), queryNorm = context.Input(12), keyNorm = context.Input(13);
        int* cumulative = (int*)context.Input(5), past = (int*)context.Input(6), table = (int*)context.Input(7), slots = (int*)context.Input(10), bounds = (int*)context.Input(16);
        int pairs = _rotates ? (int)context.Shape(8)[1] : 0;
        float* cos = _rotates ? context.Input(8) : null, sin = _rotates ? context.Input(9) : null, output = context.Output(0, tokens, _heads * headSize);
        Assert.Equal(tokens, cumulative[sequences]);
        float[] packedCopy = Pack(context, tokens, headSize);
        for (int s = 0; s < sequences; s++)
        {
            int length = cumulative[s + 1] - cumulative[s];
            Assert.InRange(length, 1, bounds[0]);
            Assert.InRange(past[s] + length, 1, bounds[1]);
            for (int i = 0; i < length; i++)
            {
                int row = cumulative[s] + i;
                Span<float> own = packedCopy.AsSpan(row * stride, stride);
                for (int head = 0; head < _heads + _kvHeads; head++)
                {
                    Norm(own.Slice(head * headSize, headSize), head < _heads ? queryNorm : keyNorm);
                    Rotate(own.Slice(head * headSize, headSize), cos + ((past[s] + i) * pairs), sin + ((past[s] + i) * pairs), pairs);
                }

                if (slots[row] >= 0)
                {
                    int at = slots[row] * _kvHeads * headSize;
                    own.Slice(_heads * headSize, _kvHeads * headSize).CopyTo(new Span<float>(keys + at, _kvHeads * headSize));
                    own[((_heads + _kvHeads) * headSize)..].CopyTo(new Span<float>(values + at, _kvHeads * headSize));
                }
            }

            for (int i = 0; i < length; i++)
            {
                for (int head = 0; head < _heads; head++)
                {
                    int row = cumulative[s] + i, last = past[s] + i, kvHead = head / (_heads / _kvHeads);
                    Attend(
                        packedCopy.AsSpan((row * stride) + (head * headSize), headSize), last,
                        position => (((long)table[(s * width) + (position / blockSize)] * blockSize) + (position % blockSize)) * _kvHeads + kvHead,
                        keys, values, new Span<float>(output + (((row * _heads) + head) * headSize), headSize));
                }
            }
        }
    }

    protected override void RunTile(int tile) => throw new NotSupportedException();

    /// <summary>[tokens, queries + keys + values], whether they come packed or apart.</summary>
    private float[] Pack(OperatorContext context, int tokens, int headSize)
    {
        int queries = _heads * headSize, cached = _kvHeads * headSize, stride = queries + (2 * cached);
        if (context.Input(1) is null)
        {
            return new Span<float>(context.Input(0), tokens * stride).ToArray();
        }

        float[] packed = new float[tokens * stride];
        for (int row = 0; row < tokens; row++)
        {
            Span<float> target = packed.AsSpan(row * stride);
            new Span<float>(context.Input(0) + (row * queries), queries).CopyTo(target);
            new Span<float>(context.Input(1) + (row * cached), cached).CopyTo(target[queries..]);
            new Span<float>(context.Input(2) + (row * cached), cached).CopyTo(target[(queries + cached)..]);
        }

        return packed;
    }

    private void Norm(Span<float> head, float* gamma)
    {
        double squares = 0;
        foreach (float x in head)
        {
            squares += (double)x * x;
        }

        for (int i = 0; gamma is not null && i < head.Length; i++)
        {
            head[i] = (float)(head[i] / Math.Sqrt((squares / head.Length) + _epsilon) * gamma[i]);
        }
    }

    private void Rotate(Span<float> head, float* cos, float* sin, int pairs)
    {
        for (int pair = 0; pair < pairs; pair++)
        {
            (int first, int second) = _interleaved ? (2 * pair, (2 * pair) + 1) : (pair, pair + pairs);
            (float x, float y) = (head[first], head[second]);
            (head[first], head[second]) = ((x * cos[pair]) - (y * sin[pair]), (x * sin[pair]) + (y * cos[pair]));
        }
    }

    private void Attend(ReadOnlySpan<float> query, int last, Func<int, long> find, float* keys, float* values, Span<float> output)
    {
        int first = _window > 0 ? Math.Max(0, last - _window + 1) : 0, size = query.Length;
        double[] weights = new double[last - first + 1], sum = new double[size];
        for (int position = first; position <= last; position++)
        {
            double score = 0;
            for (int i = 0; i < size; i++)
            {
                score += (double)query[i] * keys[(find(position) * size) + i];
            }

            score *= _scale;
            weights[position - first] = _softCap > 0 ? _softCap * Math.Tanh(score / _softCap) : score;
        }

        double maximum = weights.Max(), total = weights.Sum(weight => Math.Exp(weight - maximum));
        for (int position = first; position <= last; position++)
        {
            double weight = Math.Exp(weights[position - first] - maximum) / total;
            for (int i = 0; i < size; i++)
            {
                sum[i] += weight * values[(find(position) * size) + i];
            }
        }

        for (int i = 0; i < size; i++)
        {
            output[i] = (float)sum[i];
        }
    }
}
