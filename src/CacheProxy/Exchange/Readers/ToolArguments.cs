using System.Text.Json;

namespace CacheProxy.Exchange.Readers;

/// <summary>The arguments of a call as a model wrote them.</summary>
internal static class ToolArguments
{
    /// <summary>A JSON object, or nothing at all: so some providers call a function without parameters.</summary>
    public static bool AreValid(string arguments)
    {
        if (arguments.Length == 0)
        {
            return true;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(arguments);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
