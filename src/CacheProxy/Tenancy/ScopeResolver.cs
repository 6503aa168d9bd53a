using System.Collections.Concurrent;
using System.Text;
using CacheProxy.Exchange;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tenancy;

/// <summary>Finds the scope of a request from its credentials. Keeps hashes of keys, never keys.</summary>
public sealed class ScopeResolver(InstallationSecret secret, IOptionsMonitor<TenantOptions> options)
{
    // A scope is 310 bytes; beyond this many a clean slate is cheaper than tracking who is idle.
    private const int MaxRemembered = 10_000;

    private const int StackBytes = 512;
    private const int UserIdBytes = 8;

    private static readonly string[] KeyHeaders = ["api-key", "x-api-key", "x-goog-api-key"];

    private readonly ConcurrentDictionary<Fingerprint256, Scope> _scopes = new();

    // A key is any text and hashed as it is: no key begins like this, because keys hold no control characters.
    private static ReadOnlySpan<byte> UserDomain => "\u0001user\u0001"u8;

    /// <summary>Whether the scope is narrowed to the request's <c>user</c> field.</summary>
    public bool IsPerUser => options.CurrentValue.Scope == ScopeMode.User;

    /// <summary>Whether everybody is in one scope, whatever the key.</summary>
    public bool IsShared => options.CurrentValue.Scope == ScopeMode.Shared;

    public Scope Resolve(IHeaderDictionary headers) => Of(FindKey(headers));

    /// <param name="key">Empty: nobody's.</param>
    public Scope Of(ReadOnlySpan<char> key)
    {
        key = IsShared ? default : key;
        Fingerprint256 id = Hash(key);
        if (_scopes.TryGetValue(id, out Scope? known))
        {
            return known;
        }

        if (_scopes.Count >= MaxRemembered)
        {
            _scopes.Clear();
        }

        return _scopes.GetOrAdd(id, static hash => new Scope(hash));
    }

    /// <summary>Who sends the request, whomever it shares answers with.</summary>
    public Fingerprint256 SenderOf(IHeaderDictionary headers) => Hash(FindKey(headers));

    /// <summary>What entries carry of a request's <c>user</c>: 16 hex digits of a keyed hash; null where it names none.</summary>
    public string? UserIdOf(string? user)
    {
        if (string.IsNullOrEmpty(user))
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        secret.Hash(UserDomain, Encoding.UTF8.GetBytes(user), [], hash);
        return Convert.ToHexStringLower(hash[..UserIdBytes]);
    }

    private Fingerprint256 Hash(ReadOnlySpan<char> key)
    {
        int length = Encoding.UTF8.GetByteCount(key);
        Span<byte> bytes = length <= StackBytes ? stackalloc byte[StackBytes] : new byte[length];
        Encoding.UTF8.GetBytes(key, bytes);
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        secret.Hash(bytes[..length], hash);
        return new Fingerprint256(hash);
    }

    // No key at all is a scope too: everyone who comes without one. Of several that differ the upstream may take any: all of them count.
    private static ReadOnlySpan<char> FindKey(IHeaderDictionary headers)
    {
        ReadOnlySpan<char> key = FindToken(headers);
        foreach (string name in KeyHeaders)
        {
            ReadOnlySpan<char> other = (string?)headers[name];
            if (key.IsEmpty)
            {
                key = other;
            }
            else if (!other.IsEmpty && !other.SequenceEqual(key))
            {
                key = $"{key}\u0001{name}\u0001{other}";
            }
        }

        return key;
    }

    private static ReadOnlySpan<char> FindToken(IHeaderDictionary headers)
    {
        const string bearer = "Bearer ";
        string? authorization = headers.Authorization;
        return authorization?.StartsWith(bearer, StringComparison.OrdinalIgnoreCase) == true ? authorization.AsSpan(bearer.Length).Trim() : authorization;
    }
}
