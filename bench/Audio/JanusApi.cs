using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.bench.Audio;

/// <summary>Speaks Janus's API over its Unix socket, a request at a time.</summary>
internal sealed class JanusApi : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly byte[] _room = new byte[1 << 16];
    private int _transaction;

    private JanusApi(Socket socket) => _socket = socket;

    /// <summary>Connects once the socket is there; null if it never comes, as the server has ended.</summary>
    /// <param name="path">Where.</param>
    /// <param name="hasEnded">Whether the server has.</param>
    public static JanusApi? Connect(string path, Func<bool> hasEnded)
    {
        for (var began = Stopwatch.GetTimestamp(); !hasEnded() && Stopwatch.GetElapsedTime(began) < Patience; Thread.Sleep(100))
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                return new(socket);
            }
            catch (SocketException)
            {
                socket.Dispose(); // not yet
            }
        }

        return null;
    }

    /// <summary>Asks, and waits for the answer to this very request: an event where there is only an acknowledgement first.</summary>
    public JsonObject Ask(JsonObject request)
    {
        var transaction = $"t{_transaction++}";
        request["transaction"] = transaction;
        _socket.Send(JsonSerializer.SerializeToUtf8Bytes(request));
        while (true)
        {
            var answer = JsonNode.Parse(_room.AsSpan(0, _socket.Receive(_room)))!.AsObject();
            if ((string?)answer["transaction"] != transaction || (string?)answer["janus"] == "ack") continue;
            return (string?)answer["janus"] != "error" && answer["plugindata"]?["data"]?["error"] is null ? answer : throw new InvalidOperationException($"Janus answers {answer.ToJsonString()}");
        }
    }

    public void Dispose() => _socket.Dispose();
}
