using System.Net;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins;

/// <summary>A session that keeps what is written to it.</summary>
internal sealed class FakeSession(string full) : ISession
{
    private readonly List<Stanza> _sent = [];

    public Jid Jid { get; } = full;

    public string Id { get; } = Guid.NewGuid().ToString();

    public SenderKind Kind { get; init; } = SenderKind.Account;

    public SenderInfo Sender => new(Kind, Id);

    public IPAddress? RemoteAddress => null;

    public Presence? Presence { get; set; }

    public bool IsAvailable => !IsOver && Presence is { IsAvailable: true };

    public bool IsInterested { get; set; }

    public ClientAttention Attention { get; set; }

    /// <summary>As after a write that failed.</summary>
    public bool IsOver { get; set; }

    public Action<Stanza>? OnSend { get; set; }

    /// <summary>When the client reads what it is sent.</summary>
    public Task Reads { get; set; } = Task.CompletedTask;

    public ValueTask SendAsync(Stanza stanza, CancellationToken ct = default)
    {
        _sent.Add(stanza);
        OnSend?.Invoke(stanza);
        return new(Reads);
    }

    /// <summary>Whether what is written arrives; by default it has, while the session lasts.</summary>
    public Func<Stanza, Task<bool>>? Arrives { get; set; }

    public async ValueTask<Task<bool>> DeliverAsync(Stanza stanza, CancellationToken ct = default)
    {
        await SendAsync(stanza, ct);
        return Arrives?.Invoke(stanza) ?? Task.FromResult(!IsOver);
    }

    public ValueTask SendCopyAsync(Stanza copy, Stanza original, CancellationToken ct = default) => SendAsync(copy, ct);

    /// <summary>Takes what was written until now.</summary>
    public IReadOnlyList<Stanza> Take()
    {
        Stanza[] all = [.. _sent];
        _sent.Clear();
        return all;
    }

    /// <summary>Takes what was written, each in a few words: a push as <c>push jid subscription[ ask]</c>, a presence as <c>type from</c>.</summary>
    public IReadOnlyList<string> TakeWords() => [.. Take().Select(s => s switch
    {
        Iq { Payload: { } query } when query.Children.FirstOrDefault() is { } item => $"push {item["jid"]} {item["subscription"]}{(item["ask"] is null ? "" : " ask")}{(item["approved"] is null ? "" : " approved")}",
        _ => $"{s.Type ?? "available"} {s.From}",
    })];
}
