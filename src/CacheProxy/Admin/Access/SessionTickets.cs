using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CacheProxy.Tenancy;

namespace CacheProxy.Admin.Access;

/// <summary>
/// What a signed-in browser carries in the place of the key: role, end and a number of its own, under a hash that is keyed with the installation's
/// secret and holds the key it was given for. So it ends with its time, with the key, and when its bearer signs out here.
/// </summary>
/// <remarks>
/// Layout, Base64Url: version (1 byte), role (1), end in Unix seconds (8, big-endian), number (16), HMAC-SHA256 (32) of all before it and the key.
/// Other proxies of the same secret and key take it too; a sign-out is known to the proxy that it was made at.
/// </remarks>
public sealed class SessionTickets(InstallationSecret secret, TimeProvider time)
{
    private const byte Version = 1;
    private const int NumberBytes = 16;
    private const int HeadBytes = 2 + sizeof(long) + NumberBytes;
    private const int TicketBytes = HeadBytes + SHA256.HashSizeInBytes;

    // Signed-out numbers are kept until they would have ended; a bound for who signs in and out all day.
    private const int MostRevoked = 10_000;

    private readonly ConcurrentDictionary<UInt128, long> _revoked = new();

    private static ReadOnlySpan<byte> Domain => "\u0001dashboard session\u0001"u8;

    public string Issue(AdminRole role, string key, TimeSpan lifetime, out DateTimeOffset end)
    {
        byte[] ticket = new byte[TicketBytes];
        long seconds = (time.GetUtcNow() + lifetime).ToUnixTimeSeconds();
        end = DateTimeOffset.FromUnixTimeSeconds(seconds);
        ticket[0] = Version;
        ticket[1] = (byte)role;
        BinaryPrimitives.WriteInt64BigEndian(ticket.AsSpan(2), seconds);
        RandomNumberGenerator.Fill(ticket.AsSpan(2 + sizeof(long), NumberBytes));
        Sign(ticket.AsSpan(0, HeadBytes), key, ticket.AsSpan(HeadBytes));
        return Base64Url.EncodeToString(ticket);
    }

    /// <param name="keyOf">The key of now of a role; empty: it has none.</param>
    /// <returns><see cref="AdminRole.None"/>: it is no ticket, or not any more.</returns>
    public AdminRole Read(string? text, Func<AdminRole, string> keyOf, out DateTimeOffset end)
    {
        end = default;
        Span<byte> ticket = stackalloc byte[TicketBytes];
        if (!TryDecode(text, ticket))
        {
            return AdminRole.None;
        }

        var role = (AdminRole)ticket[1];
        string key = role is AdminRole.Admin or AdminRole.Reader ? keyOf(role) : "";
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        Sign(ticket[..HeadBytes], key, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, ticket[HeadBytes..]) || key.Length == 0)
        {
            return AdminRole.None;
        }

        // Signed, so the number is a time.
        end = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(ticket[2..]));
        return end > time.GetUtcNow() && !_revoked.ContainsKey(NumberOf(ticket)) ? role : AdminRole.None;
    }

    /// <summary>It is worth nothing from now on, at this proxy.</summary>
    public void Revoke(string? text)
    {
        Span<byte> ticket = stackalloc byte[TicketBytes];
        if (!TryDecode(text, ticket))
        {
            return;
        }

        long now = time.GetUtcNow().ToUnixTimeSeconds();
        if (_revoked.Count >= MostRevoked)
        {
            foreach ((UInt128 number, long end) in _revoked)
            {
                if (end <= now)
                {
                    _revoked.TryRemove(number, out _);
                }
            }
        }

        if (_revoked.Count < MostRevoked)
        {
            _revoked[NumberOf(ticket)] = BinaryPrimitives.ReadInt64BigEndian(ticket[2..]);
        }
    }

    private static UInt128 NumberOf(ReadOnlySpan<byte> ticket) => BinaryPrimitives.ReadUInt128BigEndian(ticket[(2 + sizeof(long))..]);

    private static bool TryDecode(string? text, Span<byte> ticket)
        => text?.Length == Base64Url.GetEncodedLength(TicketBytes) && Base64Url.TryDecodeFromChars(text, ticket, out int written) && written == TicketBytes && ticket[0] == Version;

    private void Sign(ReadOnlySpan<byte> head, string key, Span<byte> hash) => secret.Hash(Domain, head, SHA256.HashData(Encoding.UTF8.GetBytes(key)), hash);
}
