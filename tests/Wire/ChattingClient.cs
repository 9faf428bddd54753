using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Parley.tests.Lab;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Wire;

/// <summary>
/// A client as people have them: it counts what the server acknowledges (XEP-0198), sends the rest again under the same origin-ids when it comes back, and reads its archive, where it uses one, from where
/// it had come (XEP-0313). It goes on until it is told to stop, however often the server dies.
/// </summary>
internal sealed class ChattingClient(NetworkNamespace ns, string user, string password, bool usesArchive = true) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _gate = new();
    private readonly List<Outgoing> _waiting = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Element>> _asked = new();
    private Stream? _stream;
    private uint _sent, _received;
    private int _queries;
    private string? _last;

    /// <summary>The account.</summary>
    public string Jid => user + "@localhost";

    /// <summary>What the server vouched for.</summary>
    public HashSet<string> Acknowledged { get; } = [];

    /// <summary>What came as it was sent: the ids under which it did, by origin-id.</summary>
    public ConcurrentDictionary<string, ConcurrentBag<string>> Live { get; } = new();

    /// <summary>What the archive has: the ids of the entries, by origin-id.</summary>
    public ConcurrentDictionary<string, ConcurrentBag<string>> Archived { get; } = new();

    /// <summary>Errors that came back, and what went wrong otherwise.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>How many messages wait for an acknowledgement.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>Stays connected until it is told otherwise.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync(ct);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or AuthenticationException)
            {
                // The server is dead, or dies right now.
            }
            catch (Exception e)
            {
                // Whatever else it is, the client comes back, and the test hears of it.
                Errors.Enqueue(e.ToString());
            }

            _stream = null;
            foreach (var (_, waiting) in _asked) waiting.TrySetException(new IOException("The connection broke."));
            _asked.Clear();
            if (!ct.IsCancellationRequested) await Task.Delay(100, CancellationToken.None);
        }
    }

    /// <summary>Writes a message, now or when it is back.</summary>
    public async Task SendAsync(string to, string origin)
    {
        await _writing.WaitAsync();
        try
        {
            var message = new Outgoing(origin, to);
            lock (_gate) _waiting.Add(message);
            if (_stream is { } stream) await WriteAsync(stream, message, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It goes out when the client is back.
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Reads what the archive has beyond what was read before.</summary>
    public async Task CatchUpAsync()
    {
        for (var isComplete = !usesArchive; !isComplete;)
        {
            var id = $"q{Interlocked.Increment(ref _queries)}";
            var answer = _asked[id] = new TaskCompletionSource<Element>(TaskCreationOptions.RunContinuationsAsynchronously);
            var after = _last is null ? "" : $"<after>{_last}</after>";
            await WriteAsync($"<iq type='set' id='{id}'><query xmlns='urn:xmpp:mam:2' queryid='{id}'><set xmlns='http://jabber.org/protocol/rsm'><max>200</max>{after}</set></query></iq>");
            var iq = await answer.Task.WaitAsync(Patience);
            var fin = iq.Child("fin", Ns.Archive) ?? throw new InvalidOperationException(iq.ToString());
            isComplete = fin["complete"] == "true";
        }
    }

    public void Dispose() => _writing.Dispose();

    private static string? OriginOf(Element message) => message.Child("origin-id", Ns.StanzaIds)?["id"];

    private async Task ConnectAsync(CancellationToken ct)
    {
        var (stream, reading) = await StreamReading.LogInAsync(ns, user, password, ct);
        await using var _ = stream;
        await reading.AskAsync("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "iq", ct);
        await reading.AskAsync("<enable xmlns='urn:xmpp:sm:3'/>", "enabled", ct);
        await _writing.WaitAsync(ct);
        try
        {
            (_sent, _received) = (0, 0);
            Outgoing[] again;
            lock (_gate) again = [.. _waiting];
            foreach (var message in again) message.Number = 0;
            foreach (var message in again) await WriteAsync(stream, message, ct);
            _stream = stream;
        }
        finally
        {
            _writing.Release();
        }

        await WriteAsync("<presence/>");
        var caughtUp = CatchUpAsync();
        while (true)
        {
            if (caughtUp.IsFaulted) await caughtUp;
            await HearAsync(await reading.NextAsync(ct));
        }
    }

    private async Task HearAsync(Element heard)
    {
        switch (heard.Name)
        {
            case "r":
                await WriteAsync($"<a xmlns='urn:xmpp:sm:3' h='{_received}'/>", isStanza: false);
                return;
            case "a":
                Acknowledge(uint.Parse(heard["h"]!, null));
                return;
            case "iq" when heard["id"] is { } id && _asked.TryRemove(id, out var waiting):
                waiting.TrySetResult(heard);
                break;
            case "message" when heard["type"] == "error":
                Errors.Enqueue(heard.ToString());
                break;
            case "message" when heard.Child("result", Ns.Archive) is { } result:
                _last = result["id"]!;
                if (OriginOf(result.Child("forwarded", Ns.Forward)!.Child("message", Ns.Client)!) is { } archived) Archived.GetOrAdd(archived, _ => []).Add(_last);
                break;
            case "message" when OriginOf(heard) is { } live:
                Live.GetOrAdd(live, _ => []).Add(heard.Child("stanza-id", Ns.StanzaIds)?["id"] ?? "none");
                break;
        }

        _received++;
    }

    private void Acknowledge(uint h)
    {
        lock (_gate)
        {
            foreach (var message in _waiting.Where(w => w.Number > 0 && w.Number <= h)) Acknowledged.Add(message.Origin);
            _waiting.RemoveAll(w => w.Number > 0 && w.Number <= h);
        }
    }

    private async Task WriteAsync(string text, bool isStanza = true)
    {
        await _writing.WaitAsync();
        try
        {
            if (_stream is not { } stream) throw new IOException("There is no connection.");
            if (isStanza) _sent++;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        }
        finally
        {
            _writing.Release();
        }
    }

    // Within the turn to write.
    private async Task WriteAsync(Stream stream, Outgoing message, CancellationToken ct)
    {
        lock (_gate) message.Number = ++_sent;
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            $"<message type='chat' to='{message.To}' id='{message.Origin}'><body>this is {message.Origin}</body><origin-id xmlns='urn:xmpp:sid:0' id='{message.Origin}'/></message><r xmlns='urn:xmpp:sm:3'/>"), ct);
    }

    private sealed class Outgoing(string origin, string to)
    {
        public string Origin => origin;

        public string To => to;

        /// <summary>Its number on this connection; 0 before it went out.</summary>
        public uint Number { get; set; }
    }
}
