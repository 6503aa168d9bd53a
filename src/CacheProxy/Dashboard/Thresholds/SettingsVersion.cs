using System.Security.Cryptography;
using System.Text;
using CacheProxy.Tuning.Settings;

namespace CacheProxy.Dashboard.Thresholds;

/// <summary>Tells one state of the settings file from the next, so that nobody changes what somebody else has changed meanwhile.</summary>
internal sealed class SettingsVersion(SettingsPlace place)
{
    public const string Threshold = "Semantic:Threshold";

    private const int HexDigits = 16;

    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HexDigits];

    /// <returns>Null: there is no file that can be read. And whether the threshold is the file's to set.</returns>
    public (string? Version, bool CanApply) Read()
    {
        try
        {
            return place.Path is { } path ? (Of(File.ReadAllText(path)), !place.IsOverridden(Threshold)) : (null, false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, false);
        }
    }
}
