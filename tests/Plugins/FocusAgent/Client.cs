using System.Net;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Coin;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>A scripted client in a room.</summary>
internal sealed class Client(CallLab lab, string jid, string room = Client.RoomAddress)
{
    public const string RoomAddress = "tea@calls.example.org";
    private static int _ids;

    public Jid Jid { get; } = jid;

    public Jid Room { get; } = room;

    public string Sid { get; set; } = $"sid-{Interlocked.Increment(ref _ids)}";

    public SenderKind Kind { get; init; } = SenderKind.Account;

    /// <summary>Where it comes from.</summary>
    public IPAddress? Network { get; init; }

    /// <summary>The password that it gives when it calls.</summary>
    public string? Password { get; set; }

    /// <summary>All that came to this client.</summary>
    public IEnumerable<Stanza> Inbox => lab.Sent.Where(s => s.To == Jid);

    /// <summary>Jingle requests that came, in order.</summary>
    public IReadOnlyList<JingleMessage> Jingle => [.. Inbox.OfType<Iq>().Where(i => i.IsRequest && i.Payload!.Is("jingle", Ns.Jingle)).Select(i => Read(i.Payload!))];

    public IReadOnlyList<JingleMessage> Of(JingleAction action) => [.. Jingle.Where(j => j.Action == action)];

    /// <summary>The latest state of the conference.</summary>
    public ConferenceInfo State => States[^1];

    public IReadOnlyList<ConferenceInfo> States => [.. Inbox.OfType<Iq>().Where(i => i.IsRequest).Select(i => ConferenceInfo.TryRead(i.Payload!, out var info) ? info : null).OfType<ConferenceInfo>()];

    public string ParticipantId => Of(JingleAction.SessionAccept)[^1].Extra("leg", Ns.WebLeg)!["participant"]!;

    /// <summary>The leg's endpoint in the relay: the one that speaks with this session's credentials.</summary>
    public EndpointSpec Endpoint => lab.Relay.Endpoints.Last(e => lab.Relay.Requests.Count > 0 && e.Id.StartsWith(ParticipantId, StringComparison.Ordinal));

    /// <summary>Asks the room and returns its answer.</summary>
    public async Task<Iq> AskAsync(Element payload, string type = "set")
    {
        var id = $"i{Interlocked.Increment(ref _ids)}";
        await lab.SayAsync(Iq.Request(type, id, Jid, Room, payload), Kind, Network);
        return lab.Sent.OfType<Iq>().Single(i => i.To == Jid && i.Id == id);
    }

    public Task<Iq> AskAsync(JingleMessage message) => AskAsync(message.ToElement());

    /// <summary>Calls as the page does.</summary>
    public Task<Iq> CallAsync(string browser = "chromium", string token = "", string nick = "Ann")
    {
        var initiate = Fixture.Initiate(browser, Sid, Jid.ToString(), token.Length > 0 ? token : $"token-of-{Jid.Local}-0123456789", nick);
        if (Password is not null) initiate.Child("leg", Ns.WebLeg)!.Add("password", p => p.Text(Password));
        return AskAsync(initiate);
    }

    /// <summary>Does something that moderators do.</summary>
    public Task<Iq> ModerateAsync(string act, params (string Name, string Value)[] attributes)
    {
        var element = new Element(act, ModerationNames.Namespace);
        foreach (var (name, value) in attributes) element.Attr(name, value);
        return AskAsync(new Element("moderate", ModerationNames.Namespace).Add(element));
    }

    /// <summary>Why the room ended this client's session; null while it has not.</summary>
    public JingleReason? Ended => Of(JingleAction.SessionTerminate).LastOrDefault(m => m.Sid == Sid)?.Reason;

    /// <summary>What the room told by session-info in our own namespace, in order.</summary>
    public IReadOnlyList<Element> Notices => [.. Of(JingleAction.SessionInfo).SelectMany(m => m.Extras).Where(e => e.Namespace == ModerationNames.Namespace)];

    /// <summary>Calls and must be taken; its media comes up unless it is to stay down.</summary>
    public async Task<Client> JoinAsync(string browser = "chromium", string token = "", string nick = "Ann", bool isUp = true)
    {
        Assert.Equal("result", (await CallAsync(browser, token, nick)).Type);
        Assert.Single(Jingle, j => j.Action == JingleAction.SessionAccept && j.Sid == Sid);
        if (isUp) await ConnectedAsync();
        return this;
    }

    /// <summary>Takes all slots offered so far that were not taken yet.</summary>
    public async Task AcceptSlotsAsync()
    {
        while (Of(JingleAction.ContentAdd).Where(m => m.Sid == Sid).Skip(_taken).FirstOrDefault() is { } add)
        {
            _taken++;
            var answer = await AskAsync(new JingleMessage(JingleAction.ContentAccept, Sid)
            {
                Contents = [.. add.Contents.Select(c => c with { Transport = null, Description = c.Description! with { Sources = [], SourceGroups = [] } })],
            });
            Assert.Equal("result", answer.Type);
        }
    }

    public async Task InfoAsync(Element payload) => Assert.Equal("result", (await AskAsync(new JingleMessage(JingleAction.SessionInfo, Sid) { Extras = [payload] })).Type);

    /// <summary>What the relay forwards to this client, by slot: the track, if any.</summary>
    public IReadOnlyDictionary<string, string?> Fed => Endpoint.Forwarders.ToDictionary(f => f.Id, f => f.SourceTrackId);

    public Task ConnectedAsync(string transport = "t0") => lab.TellAsync(new TransportConnected(lab.Relay.Epoch, lab.Relay.ConferenceOf(Endpoint.Id), Endpoint.Id, transport));

    public Task EndedAsync(TransportEnd why = TransportEnd.ConsentExpired, string transport = "t0") =>
        lab.TellAsync(new TransportEnded(lab.Relay.Epoch, lab.Relay.ConferenceOf(Endpoint.Id), Endpoint.Id, transport, why));

    public async Task FlowsAsync(bool flowing = true)
    {
        foreach (var track in Endpoint.Tracks) await lab.TellAsync(new TrackFlowChanged(lab.Relay.Epoch, lab.Relay.ConferenceOf(Endpoint.Id), Endpoint.Id, track.Id, flowing));
    }

    public static void AssertError(StanzaCondition expected, Iq answer) => Assert.Equal(("error", expected), (answer.Type, StanzaError.Of(answer).Condition));

    private int _taken;

    private static JingleMessage Read(Element payload)
    {
        Assert.True(JingleMessage.TryRead(payload, out var message, out var fault), fault);
        return message;
    }
}
