using System.Security.Cryptography;
using System.Text;

namespace CacheProxy.Budget;

/// <summary>A budget, and who of those that it counts apart; empty where it does not.</summary>
public readonly record struct AccountKey(string Budget, string Tenant, string User, string Model)
{
    /// <summary>Takes all that come when a budget has more accounts than there is room for.</summary>
    public static AccountKey OthersOf(string budget) => new(budget, Others, Others, Others);

    /// <summary>No id, user or model is spelt so.</summary>
    public const string Others = "(others)";

    private const int HashBytes = 16;

    /// <summary>The same for every proxy, and of one length whatever clients make up: 32 hex digits.</summary>
    public string ToHex()
    {
        var text = new StringBuilder();
        foreach (string part in (ReadOnlySpan<string>)[Budget, Tenant, User, Model])
        {
            text.Append(part.Length).Append(':').Append(part);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, HashBytes));
    }
}
