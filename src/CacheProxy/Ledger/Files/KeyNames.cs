using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CacheProxy.Ledger.Files;

/// <summary>
/// Names of keys as bytes: 1 and an id's bytes, or 2 and text; 0 alone is the rest, which has no name. Compares them, so that a dictionary of names
/// is asked with SQLite's own memory and makes a copy only of a name that is new.
/// </summary>
internal sealed class KeyNames : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    private const byte Id = 1;
    private const byte Text = 2;

    public static readonly KeyNames Comparer = new();

    public static byte[] Rest { get; } = [0];

    public static byte[] Pack(string name)
    {
        if (name.Length == 0)
        {
            return Rest;
        }

        return name.Length % 2 == 0 && !name.AsSpan().ContainsAnyExcept("0123456789abcdef")
            ? [Id, .. Convert.FromHexString(name)]
            : [Text, .. Encoding.UTF8.GetBytes(name)];
    }

    public static string Unpack(ReadOnlySpan<byte> name)
        => name.Length <= 1 ? "" : name[0] == Id ? Convert.ToHexStringLower(name[1..]) : Encoding.UTF8.GetString(name[1..]);

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = new HashCode();
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
