using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CacheProxy.Exchange;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tenancy;

/// <summary>Finds the scope of a request from its credentials. Keeps hashes of keys, never keys.</summary>
public sealed class ScopeResolver(InstallationSecret secret, IOptionsMonitor<TenantOptions> options)
{
    // A scope is 250 bytes; beyond this many a clean slate is cheaper than tracking who is idle.
    private const int MaxRemembered = 10_000;

    private const int StackBytes = 512;
    private const int UserIdBytes = 8;

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
        int length = Encoding.UTF8.GetByteCount(key);
        Span<byte> bytes = length <= StackBytes ? stackalloc byte[StackBytes] : new byte[length];
        Encoding.UTF8.GetBytes(key, bytes);
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        HMACSHA256.HashData(secret.Bytes, bytes[..length], hash);
        var id = new Fingerprint256(hash);
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

    /// <summary>What entries carry of a request's <c>user</c>: 16 hex digits of a keyed hash; null where it names none.</summary>
    public string? UserIdOf(string? user)
    {
        if (string.IsNullOrEmpty(user))
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        HMACSHA256.HashData(secret.Bytes, [.. UserDomain, .. Encoding.UTF8.GetBytes(user)], hash);
        return Convert.ToHexStringLower(hash[..UserIdBytes]);
    }

    // No key at all is a scope too: everyone who comes without one.
    private static ReadOnlySpan<char> FindKey(IHeaderDictionary headers)
    {
        string? authorization = headers.Authorization;
        if (!string.IsNullOrEmpty(authorization))
        {
            const string bearer = "Bearer ";
            return authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase) ? authorization.AsSpan(bearer.Length).Trim() : authorization;
        }

        string? key = headers["api-key"];
        return string.IsNullOrEmpty(key) ? (string?)headers["x-api-key"] : key;
    }
}
