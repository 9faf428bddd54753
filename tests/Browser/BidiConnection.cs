using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>As much of WebDriver BiDi (W3C) as driving one page takes: numbered commands and their answers; events are left unread.</summary>
internal sealed class BidiConnection : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ClientWebSocket _socket = new();
    private readonly HttpMessageInvoker _http;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _waiting = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _stop = new();
    private Task _reading = Task.CompletedTask;
    private int _ids;

    private BidiConnection(HttpMessageInvoker http) => _http = http;

    public static async Task<BidiConnection> ConnectAsync(NetworkNamespace ns, Uri uri)
    {
        var bidi = new BidiConnection(new HttpMessageInvoker(ns.HttpHandler()));
        await bidi._socket.ConnectAsync(uri, bidi._http, CancellationToken.None);
        bidi._reading = bidi.ReadAsync();
        return bidi;
    }

    /// <summary>Gives a command and waits for its result.</summary>
    public async Task<JsonElement> CallAsync(string method, object parameters)
    {
        var id = Interlocked.Increment(ref _ids);
        var answer = _waiting[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, _stop.Token);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _socket.Dispose();
        _http.Dispose();
        _sending.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                message.SetLength(0);
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(), _stop.Token);
                    message.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close) throw new WebSocketException("The browser closed the connection.");
                Take(JsonDocument.Parse(message.ToArray()).RootElement);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            foreach (var waiting in _waiting.Values) waiting.TrySetException(new InvalidOperationException("The browser is gone.", e));
        }
    }

    private void Take(JsonElement answer)
    {
        if (!answer.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number || !_waiting.TryRemove(id.GetInt32(), out var waiting)) return;
        if (answer.TryGetProperty("result", out var result)) waiting.TrySetResult(result);
        else waiting.TrySetException(new InvalidOperationException(answer.ToString()));
    }
}
