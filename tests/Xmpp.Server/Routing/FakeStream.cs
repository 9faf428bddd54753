using System.Collections.Concurrent;
using System.Net;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>A client's stream that remembers what was written to it.</summary>
internal sealed class FakeStream : IClientStream
{
    private readonly ConcurrentQueue<Stanza> _sent = new();

    public IPAddress? RemoteAddress { get; init; } = IPAddress.Loopback;

    public string? Closed { get; private set; }

    /// <summary>As a stream whose socket broke without anybody noticing yet.</summary>
    public bool IsDead { get; set; }

    /// <summary>As a stream whose client does not read: writing waits for this.</summary>
    public Task<bool>? Room { get; set; }

    /// <summary>How many have waited for room.</summary>
    public int Waited { get; private set; }

    /// <summary>As a managed stream, which keeps what it was given until it is acknowledged.</summary>
    public bool IsManaged { get; set; }

    /// <summary>Whether its client is there.</summary>
    public ClientAttention Attention { get; set; } = ClientAttention.Active;

    /// <summary>When it takes what it is given.</summary>
    public Func<DateTimeOffset> Now { get; set; } = () => DateTimeOffset.UnixEpoch;

    private readonly List<Undelivered> _unacknowledged = [];

    public IReadOnlyList<Undelivered> TakeUndelivered()
    {
        Undelivered[] all = [.. _unacknowledged];
        _unacknowledged.Clear();
        return all;
    }

    /// <summary>As the client's acknowledgement of everything.</summary>
    public void Acknowledge()
    {
        foreach (var one in TakeUndelivered()) one.Delivery?.Arrived();
    }

    public ValueTask<bool> SendAsync(Stanza stanza, Delivery? delivery = null, CancellationToken ct = default)
    {
        if (Room is { } room)
        {
            Waited++;
            return new(room);
        }

        if (IsDead) return new(false);
        if (IsManaged) _unacknowledged.Add(new Undelivered(stanza, Now(), delivery));
        else delivery?.Arrived();
        _sent.Enqueue(stanza);
        return new(true);
    }

    /// <summary>The account's last change that its client's proof knows.</summary>
    public long Proven { get; set; }

    public void Close(string condition, string? text = null) => Closed = condition;

    public bool CloseProvenBefore(long change, string condition)
    {
        if (Proven >= change) return false;
        Close(condition);
        return true;
    }

    /// <summary>Takes what was written until now, as text.</summary>
    public IReadOnlyList<Stanza> Take()
    {
        var all = new List<Stanza>();
        while (_sent.TryDequeue(out var one)) all.Add(one);
        return all;
    }

    /// <summary>The one stanza that was written.</summary>
    public Stanza One() => Assert.Single(Take());

    /// <summary>The one stanza that comes, however late.</summary>
    public async Task<Stanza> NextAsync()
    {
        for (var i = 0; i < 500; i++)
        {
            if (_sent.TryDequeue(out var one)) return one;
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException("Nothing was written.");
    }

    public void Nothing() => Assert.Empty(Take());
}
