using System.Runtime.Intrinsics;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>Rotates (x[i], x[i + rotated/2]), the first and the second half of what turns.</summary>
internal sealed unsafe class HalfRotary(RotaryTable table, int headSize, int rows) : RotaryRows(table, headSize, rows)
{
    public override void Rotate(int row, float* source, float* target, int heads)
    {
        float* cosines = Row(row), sines = cosines + HeadSize;
        int half = Rotated / 2;
        for (int head = 0; head < heads; head++, source += HeadSize, target += HeadSize)
        {
            int i = 0;
            for (; i + 8 <= half; i += 8)
            {
                Vector256<float> x = Vector256.Load(source + i), y = Vector256.Load(source + half + i);
                Vector256<float> cosine = Vector256.Load(cosines + i), sine = Vector256.Load(sines + i);
                ((x * cosine) - (y * sine)).Store(target + i);
                ((y * cosine) + (x * sine)).Store(target + half + i);
            }

            for (; i < half; i++)
            {
                (float x, float y) = (source[i], source[half + i]);
                target[i] = (x * cosines[i]) - (y * sines[i]);
                target[half + i] = (y * cosines[i]) + (x * sines[i]);
            }

            if (source != target)
            {
                new ReadOnlySpan<float>(source + Rotated, HeadSize - Rotated).CopyTo(new Span<float>(target + Rotated, HeadSize - Rotated));
            }
        }
    }

    protected override void Write(float* cosines, float* sines, int pair, float cosine, float sine) =>
        (cosines[pair], sines[pair]) = (cosine, sine);
}
