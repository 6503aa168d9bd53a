using System.Net;
using System.Net.Sockets;

namespace CacheProxy.Admin.Access;

/// <summary>
/// Counts wrong keys by where they come from, so that nobody tries many: after ten within a minute the address has to wait for the minute's end,
/// with the right key too, else each answer would still tell whether a guess was right. Who is signed in is not asked for a key and goes on.
/// </summary>
public sealed class KeyAttempts(TimeProvider time)
{
    public const int MostWrong = 10;

    // Beyond this many addresses the count begins anew: an attack from more than that is no matter of counting.
    private const int MostAddresses = 4096;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (long Since, int Wrong)> _wrong = [];

    /// <summary>Until this address may try again; zero: it may.</summary>
    public TimeSpan RestLeft(IPAddress? from)
    {
        lock (_lock)
        {
            return _wrong.TryGetValue(SourceOf(from), out (long Since, int Wrong) known) && known.Wrong >= MostWrong && time.GetElapsedTime(known.Since) is var passed && passed < Window
                ? Window - passed
                : TimeSpan.Zero;
        }
    }

    public void NoteWrong(IPAddress? from)
    {
        IPAddress source = SourceOf(from);
        lock (_lock)
        {
            if (_wrong.TryGetValue(source, out (long Since, int Wrong) known) && time.GetElapsedTime(known.Since) < Window)
            {
                _wrong[source] = known with { Wrong = known.Wrong + 1 };
                return;
            }

            if (_wrong.Count >= MostAddresses)
            {
                _wrong.Clear();
            }

            _wrong[source] = (time.GetTimestamp(), 1);
        }
    }

    // One host has 2^64 addresses of IPv6.
    private static IPAddress SourceOf(IPAddress? from)
    {
        if (from is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return from ?? IPAddress.None;
        }

        if (from.IsIPv4MappedToIPv6)
        {
            return from.MapToIPv4();
        }

        byte[] bytes = from.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
