using System.Text;
using CacheProxy.Protocol.Sse;

namespace CacheProxy.Protocol.Tests.Sse;

internal static class SseText
{
    public static string[] Read(string stream) => Read(Encoding.UTF8.GetBytes(stream));

    /// <returns>Each event as <c>type|data</c>.</returns>
    public static string[] Read(params byte[][] pieces)
    {
        var parser = new SseParser();
        var events = new List<string>();
        foreach (byte[] piece in pieces)
        {
            ReadOnlySpan<byte> input = piece;
            while (parser.TryRead(ref input, out SseEvent item))
            {
                events.Add($"{Encoding.UTF8.GetString(item.Type)}|{item.DataText}");
            }
        }

        return [.. events];
    }
}
