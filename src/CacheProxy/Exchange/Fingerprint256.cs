using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace CacheProxy.Exchange;

/// <summary>A keyed 256-bit hash: of a canonical request (the fingerprint), or of everything in it but the last user turn (the partition).</summary>
[InlineArray(4)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Style", "IDE0044", Justification = "An inline array's element cannot be readonly.")]
public struct Fingerprint256 : IEquatable<Fingerprint256>
{
    public const int SizeBytes = 32;

    private ulong _word;

    /// <param name="bytes">Exactly 32 bytes.</param>
    public Fingerprint256(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, SizeBytes);
        for (int i = 0; i < 4; i++)
        {
            this[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]);
        }
    }

    public readonly bool Equals(Fingerprint256 other)
        => this[0] == other[0] && this[1] == other[1] && this[2] == other[2] && this[3] == other[3];

    public override readonly bool Equals(object? obj) => obj is Fingerprint256 other && Equals(other);

    // The bits are uniform already: a part of a keyed hash is as good as any mix of it.
    public override readonly int GetHashCode() => (int)this[0];

    /// <summary>A place for it in a row of all: any fixed order does, and this one is a database's row number.</summary>
    public readonly long Order => (long)this[0];

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string? hex, out Fingerprint256 fingerprint)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        bool isValid = hex is { Length: 2 * SizeBytes }
            && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        fingerprint = isValid ? new Fingerprint256(bytes) : default;
        return isValid;
    }

    /// <summary>Writes the 32 bytes in the order that the constructor reads.</summary>
    public readonly void CopyTo(Span<byte> destination)
    {
        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(8 * i)..], this[i]);
        }
    }

    public readonly byte[] ToByteArray()
    {
        byte[] bytes = new byte[SizeBytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The first 12 hex digits: what logs may show.</summary>
    public readonly string ToShortString() => ToString()[..12];

    public override readonly string ToString() => Convert.ToHexStringLower(ToByteArray());

    public static bool operator ==(Fingerprint256 left, Fingerprint256 right) => left.Equals(right);

    public static bool operator !=(Fingerprint256 left, Fingerprint256 right) => !left.Equals(right);
}
