using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Text;
using Parley.tests.Lab;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Wire.Hostile;

/// <summary>Somebody who only wants to chat: notes when each message came, and every error.</summary>
internal sealed class HonestClient : IAsyncDisposable
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SslStream _stream;
    private readonly StreamReading _reading;
    private readonly CancellationTokenSource _over = new();
    private Task _hearing = Task.CompletedTask;

    private HonestClient(string user, SslStream stream, StreamReading reading) => (User, _stream, _reading) = (user, stream, reading);

    /// <summary>The account's name.</summary>
    public string User { get; }

    /// <summary>The bare address.</summary>
    public string Jid => User + "@localhost";

    /// <summary>When each message came, by its id.</summary>
    public ConcurrentDictionary<string, long> Arrived { get; } = new();

    /// <summary>How many messages came from each bare address.</summary>
    public ConcurrentDictionary<string, int> From { get; } = new();

    /// <summary>What went wrong: errors that came, and the end of the connection.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Presences of others, by their size in bytes.</summary>
    public ConcurrentQueue<int> Presences { get; } = new();

    /// <summary>Logs in under TLS, at 5223.</summary>
    public static async Task<HonestClient> LogInAsync(NetworkNamespace ns, string from, string user, CancellationToken ct)
    {
        var socket = await ns.ConnectAsync(new IPEndPoint(IPAddress.Parse(HostileLab.Address), 5223), from, ct);
        var stream = new SslStream(new System.Net.Sockets.NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true }, ct);
            var reading = new StreamReading(stream);
            await reading.OpenAsync(ct);
            await reading.AskAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{HostileLab.Password}"))}</auth>", "success", ct);
            reading = new StreamReading(stream);
            await reading.OpenAsync(ct);
            await reading.AskAsync("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "iq", ct);
            return new HonestClient(user, stream, reading);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Enters a room, and makes it if need be.</summary>
    public async Task EnterAsync(string room, CancellationToken ct)
    {
        await SayAsync($"<presence/><presence to='{room}/{User}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>");
        while (await _reading.NextAsync(ct) is var heard && !(heard.Name == "message" && heard.Child("subject", Ns.Client) is not null))
        {
            if (heard["type"] == "error") throw new InvalidOperationException(heard.ToString());
            if (!heard.Descends("201")) continue;
            await SayAsync($"<iq type='set' id='config' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
        }
    }

    /// <summary>Begins to hear.</summary>
    public void Listen() => _hearing = Task.Run(HearAsync);

    /// <summary>Says something.</summary>
    public async Task SayAsync(string text)
    {
        await _writing.WaitAsync();
        try
        {
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Faults.Enqueue($"{User} cannot write: {e.Message}");
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _stream.DisposeAsync();
        await _hearing;
        _writing.Dispose();
        _over.Dispose();
    }

    private async Task HearAsync()
    {
        try
        {
            while (true) Take(await _reading.NextAsync(_over.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            if (!_over.IsCancellationRequested) Faults.Enqueue($"{User} was disconnected: {e.Message}");
        }
    }

    private void Take(Element heard)
    {
        if (heard["type"] == "error") Faults.Enqueue($"{User} heard {heard}");
        else if (heard.Name == "presence") Presences.Enqueue(heard.ToUtf8().Length);
        else if (heard.Name == "message" && heard["id"] is { } id)
        {
            if (!Arrived.TryAdd(id, Stopwatch.GetTimestamp())) Faults.Enqueue($"{User} heard {id} twice");
            From.AddOrUpdate(heard["from"]!.Split('/')[0], 1, (_, n) => n + 1);
        }
    }
}

/// <summary>Looks into elements.</summary>
internal static class ElementSearch
{
    /// <summary>Whether a status code of a room is anywhere inside.</summary>
    public static bool Descends(this Element element, string code) => (element.Name == "status" && element["code"] == code) || element.Children.Any(c => c.Descends(code));
}
