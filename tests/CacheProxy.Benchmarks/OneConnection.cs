using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace CacheProxy.Benchmarks;

/// <summary>
/// One request after the other on one connection, each timed by itself. wrk's percentiles are of time: for every stall it adds the requests that would have been sent
/// meanwhile, so that one of 40 ms in 3 seconds is its p99. These are of requests, as one client sees them.
/// </summary>
internal static class OneConnection
{
    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <returns>Seconds, in the order sent.</returns>
    public static List<double> Run(ExactTarget target, TimeSpan duration)
    {
        byte[] request = Encoding.UTF8.GetBytes(
            $"POST {target.Url.AbsolutePath} HTTP/1.1\r\nHost: {target.Url.Authority}\r\nContent-Type: application/json\r\n"
            + string.Concat(target.Headers.Select(header => $"{header.Name}: {header.Value}\r\n"))
            + $"Content-Length: {Encoding.UTF8.GetByteCount(target.Body)}\r\n\r\n{target.Body}");
        return Run(target.Url, () => request, duration);
    }

    /// <param name="next">The whole request, head and body, made outside of what is timed.</param>
    /// <returns>Seconds, in the order sent.</returns>
    public static List<double> Run(Uri url, Func<byte[]> next, TimeSpan duration)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(url.Host, url.Port);
        byte[] buffer = new byte[64 * 1024];
        var times = new List<double>(1 << 20);
        long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
        {
            byte[] request = next();
            long start = Stopwatch.GetTimestamp();
            socket.Send(request);
            ReadAnswer(socket, buffer);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return times;
    }

    private static void ReadAnswer(Socket socket, byte[] buffer)
    {
        int length = 0;
        int total = int.MaxValue;
        while (length < total)
        {
            int got = socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
            length += got > 0 ? got : throw new InvalidOperationException("The connection was closed in the middle of an answer.");
            if (total == int.MaxValue && buffer.AsSpan(0, length).IndexOf(HeadEnd) is >= 0 and var at)
            {
                string head = Encoding.ASCII.GetString(buffer, 0, at);
                const string name = "\r\nContent-Length: ";
                int value = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
                if (!head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) || value < 0)
                {
                    throw new InvalidOperationException($"No plain answer: {head}");
                }

                total = at + HeadEnd.Length + int.Parse(head.AsSpan(value + name.Length).ToString().Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
            }
        }
    }
}
