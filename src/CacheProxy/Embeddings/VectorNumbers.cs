using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;

namespace CacheProxy.Embeddings;

/// <summary>Reads the numbers of one vector from either encoding into the smallest form that loses nothing of them. Reused within one answer.</summary>
internal sealed class VectorNumbers
{
    private const int MaxFloatText = 32;

    private double[] _values = new double[1536];
    private int _count;
    private bool _isShortest;
    private bool _isSingle;

    /// <summary>Null: not numbers, none, or some that no vector has.</summary>
    public byte[]? TryReadText(ref Utf8JsonReader reader)
    {
        (_count, _isShortest, _isSingle) = (0, true, true);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !TryAdd(reader))
            {
                return null;
            }
        }

        return _count == 0 ? null : ToBody();
    }

    /// <summary>Null: no base64, not of whole float32 numbers, or of numbers that JSON cannot say.</summary>
    public static byte[]? TryReadBase64(ref Utf8JsonReader reader)
    {
        if (!reader.TryGetBytesFromBase64(out byte[]? bytes) || bytes.Length == 0 || bytes.Length % sizeof(float) != 0)
        {
            return null;
        }

        for (int at = 0; at < bytes.Length; at += sizeof(float))
        {
            if (!float.IsFinite(BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at))))
            {
                return null;
            }
        }

        byte[] body = StoredVector.Create(VectorForm.Single, bytes.Length / sizeof(float), out Span<byte> numbers);
        bytes.CopyTo(numbers);
        return body;
    }

    private bool TryAdd(in Utf8JsonReader reader)
    {
        double value = reader.GetDouble();
        float single = (float)value;
        if (!float.IsFinite(single))
        {
            return false;
        }

        _isSingle &= single == value;
        _isShortest = _isShortest && IsShortest(reader, value, single);
        if (_count == _values.Length)
        {
            Array.Resize(ref _values, 2 * _count);
        }

        _values[_count++] = value;
        return true;
    }

    // The text may be spelled otherwise (1e-05, 0.50): what counts is whether the shortest digits name the same number.
    private static bool IsShortest(in Utf8JsonReader reader, double value, float single)
    {
        Span<byte> text = stackalloc byte[MaxFloatText];
        Utf8Formatter.TryFormat(single, text, out int length);
        return (!reader.HasValueSequence && reader.ValueSpan.SequenceEqual(text[..length]))
            || (Utf8Parser.TryParse(text[..length], out double named, out int read) && read == length && named == value);
    }

    private byte[] ToBody()
    {
        VectorForm form = _isShortest ? VectorForm.Single : _isSingle ? VectorForm.WidenedSingle : VectorForm.Double;
        byte[] body = StoredVector.Create(form, _count, out Span<byte> numbers);
        for (int i = 0; i < _count; i++)
        {
            if (form == VectorForm.Double)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(numbers[(sizeof(double) * i)..], _values[i]);
            }
            else
            {
                BinaryPrimitives.WriteSingleLittleEndian(numbers[(sizeof(float) * i)..], (float)_values[i]);
            }
        }

        return body;
    }
}
