using System.Runtime.Intrinsics;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>Rotates neighbours (x[2i], x[2i+1]): x * cos + swapped(x) * (-sin, +sin).</summary>
/// <remarks>A row holds each cosine twice and each sine twice, the first of a pair negated; what does not turn has cosine 1 and sine 0.</remarks>
internal sealed unsafe class PairRotary : RotaryRows
{
    public PairRotary(RotaryTable table, int headSize, int rows)
        : base(table, headSize, rows)
    {
        for (int row = 0; row < rows; row++)
        {
            new Span<float>(Row(row) + Rotated, headSize - Rotated).Fill(1);
        }
    }

    public override void Rotate(int row, float* source, float* target, int heads)
    {
        float* cosines = Row(row), sines = cosines + HeadSize;
        for (int head = 0; head < heads; head++, source += HeadSize, target += HeadSize)
        {
            for (int i = 0; i < HeadSize; i += 8)
            {
                Vector256<float> x = Vector256.Load(source + i);
                Vector256<float> swapped = Vector256.Shuffle(x, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
                ((x * Vector256.Load(cosines + i)) + (swapped * Vector256.Load(sines + i))).Store(target + i);
            }
        }
    }

    protected override void Write(float* cosines, float* sines, int pair, float cosine, float sine)
    {
        cosines[2 * pair] = cosines[(2 * pair) + 1] = cosine;
        sines[(2 * pair) + 1] = sine;
        sines[2 * pair] = -sine;
    }
}
