using System.Text;
using Parley.tests.Lab;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Wire;

/// <summary>A client with stream management (XEP-0198) and without an archive: it acknowledges when it is told to, and knows what the server acknowledged.</summary>
internal sealed class ManagedClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Stream _stream;
    private readonly StreamReading _reading;
    private readonly List<string> _heard = [];
    private uint _sent, _received;

    private ManagedClient(Stream stream, StreamReading reading) => (_stream, _reading) = (stream, reading);

    /// <summary>By what the stream can be resumed.</summary>
    public string ResumptionId { get; private set; } = "";

    /// <summary>What became of the wish to resume; null if there was none.</summary>
    public Element? Resumption { get; private set; }

    /// <summary>Logs in and becomes available.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="user">Who.</param>
    /// <param name="password">The password.</param>
    /// <param name="resume">The stream to resume first.</param>
    public static async Task<ManagedClient> LogInAsync(NetworkNamespace ns, string user, string password, string? resume = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (stream, reading) = await StreamReading.LogInAsync(ns, user, password, patience.Token);
        var client = new ManagedClient(stream, reading);
        if (resume is not null)
        {
            await client.WriteAsync($"<resume xmlns='urn:xmpp:sm:3' previd='{resume}' h='0'/>");
            client.Resumption = await reading.NextAsync(patience.Token);
        }

        await reading.AskAsync("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>one</resource></bind></iq>", "iq", patience.Token);
        await client.WriteAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        client.ResumptionId = (await reading.NextAsync(patience.Token))["id"]!;
        await client.WriteAsync("<presence/>");
        client._sent = 1;
        return client;
    }

    /// <summary>Sends chat messages to an address, and waits until the server has acknowledged them.</summary>
    public async Task SendAsync(string to, params string[] ids)
    {
        foreach (var id in ids) await WriteAsync($"<message type='chat' to='{to}' id='{id}'><body>this is {id}</body></message>");
        _sent += (uint)ids.Length;
        await WriteAsync("<r xmlns='urn:xmpp:sm:3'/>");
        using var patience = new CancellationTokenSource(Patience);
        while (await NextAsync(patience.Token) is var heard && !(heard.Name == "a" && heard["h"] == $"{_sent}"))
        {
            // The count of before comes first.
        }
    }

    /// <summary>Reads until that many messages have come, or nothing does for that long; returns the ids of those that came.</summary>
    public async Task<IReadOnlyList<string>> HearAsync(int most, TimeSpan quiet)
    {
        try
        {
            while (_heard.Count < most)
            {
                using var patience = new CancellationTokenSource(quiet);
                await NextAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // There is no more.
        }

        string[] all = [.. _heard];
        _heard.Clear();
        return all;
    }

    /// <summary>Acknowledges all that has come, and waits until the server must have taken that.</summary>
    public async Task AcknowledgeAsync()
    {
        await WriteAsync($"<a xmlns='urn:xmpp:sm:3' h='{_received}'/><r xmlns='urn:xmpp:sm:3'/>");
        using var patience = new CancellationTokenSource(Patience);
        while ((await NextAsync(patience.Token)).Name != "a")
        {
            // Something comes meanwhile.
        }
    }

    /// <summary>Breaks the connection without a word.</summary>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<Element> NextAsync(CancellationToken ct)
    {
        var heard = await _reading.NextAsync(ct);
        if (heard.Namespace == Ns.StreamManagement) return heard;
        _received++;
        if (heard.Name == "message" && heard["id"] is { } id) _heard.Add(id);
        return heard;
    }

    private async Task WriteAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));
}
