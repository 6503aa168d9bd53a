using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tenancy;

namespace CacheProxy.Admin;

/// <summary>Reads a selector from a body or a query. Keys and users' names become hashes here and go no further.</summary>
internal sealed class SelectorReader(ScopeResolver scopes, TenantNames names)
{
    private const int MaxKeyLength = 4096;
    private const int HashDigits = 64;

    /// <summary>Reads its fields; faults are the fields' own to report.</summary>
    /// <param name="takesSecrets">False: keys and names of users are refused, because the place they stand in is logged along the way.</param>
    public EntrySelector Read(JsonFields fields, bool takesSecrets)
    {
        return new EntrySelector
        {
            Id = fields.Hex("id", 32),
            Tag = fields.Text("tag"),
            Namespace = fields.Text("namespace", mayBeEmpty: true),
            Model = fields.Text("model"),
            Scope = ReadScope(fields, takesSecrets),
            UserId = ReadUser(fields, takesSecrets),
            CreatedFrom = fields.Instant("created_from"),
            CreatedBefore = fields.Instant("created_before"),
            PrefixId = fields.Hex("prefix_id", 32),
            Fingerprint = Fingerprint256.TryParse(fields.Hex("fingerprint", 64), out Fingerprint256 fingerprint) ? fingerprint : null,
        };
    }

    private string? ReadScope(JsonFields fields, bool takesSecrets)
    {
        string? tenant = ReadTenant(fields);
        string? key = takesSecrets ? fields.Text("api_key", MaxKeyLength) : null;
        if (key is null)
        {
            return tenant;
        }

        if (tenant is not null)
        {
            fields.Fail(RequestError.InvalidValue("api_key", "give either tenant or api_key."));
        }
        else if (scopes.IsShared)
        {
            fields.Fail(RequestError.InvalidValue("api_key", "entries belong to no key while Tenants:Scope is shared."));
        }

        return scopes.Of(key).Id;
    }

    // As everywhere else: its name, its key's id where it has none, or the whole hash.
    private string? ReadTenant(JsonFields fields)
    {
        string? tenant = fields.Text("tenant");
        if (tenant is null || (tenant.Length == HashDigits && tenant.All(char.IsAsciiHexDigitLower)))
        {
            return tenant;
        }

        string? id = names.All.FirstOrDefault(known => known.Name == tenant).Id
            ?? (tenant.Length == TenantNames.IdLength && tenant.All(char.IsAsciiHexDigitLower) ? tenant : null);
        if (id is null)
        {
            fields.Fail(RequestError.InvalidValue("tenant", $"use the name of a tenant, or {TenantNames.IdLength} or {HashDigits} hexadecimal digits, in lower case."));
        }
        else if (scopes.IsShared)
        {
            fields.Fail(RequestError.InvalidValue("tenant", "entries belong to no tenant while Tenants:Scope is shared."));
        }

        return id;
    }

    private string? ReadUser(JsonFields fields, bool takesSecrets)
    {
        string? id = fields.Hex("user_id", 16);
        string? user = takesSecrets ? fields.Text("user", MaxKeyLength) : null;
        if (id is not null && user is not null)
        {
            fields.Fail(RequestError.InvalidValue("user", "give either user or user_id."));
        }

        return user is null ? id : scopes.UserIdOf(user);
    }
}
