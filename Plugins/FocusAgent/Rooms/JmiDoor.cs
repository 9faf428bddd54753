using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>
/// Answers calls that begin by message (XEP-0353): the caller is told to proceed, or turned away where its session would be, which is where nothing is mixed and it knows no conferences. Answers come
/// from <c>room@calls.domain/focus</c>, since some clients take a proceed from a full address only.
/// </summary>
public sealed class JmiDoor(FocusServices services)
{
    /// <summary>The resource that answers.</summary>
    public const string Resource = "focus";

    private const string Hints = "urn:xmpp:hints";
    private const int MaxAtOnce = 64;
    private static readonly TimeSpan DiscoPatience = TimeSpan.FromSeconds(5);
    private int _atOnce;

    /// <summary>Answers a proposal. Runs by itself: the caller's answer to our question comes by the way on which the proposal came.</summary>
    /// <returns>The work; null if the message is no proposal, or too many wait.</returns>
    public Task? TryAnswer(Message message, SenderKind kind)
    {
        if (message.Element.Child("propose", Ns.JingleMessage) is not { } propose || propose["id"] is not { Length: > 0 and <= 256 } id) return null;
        if (message.From is not { Resource: not null } caller || message.To is not { Local: not null } room) return null;
        if (!Admission.Admits(services.Options.OpenTo, services.Server.IsLoopbackOnly, kind, isHosted: true)) return null;
        if (Interlocked.Increment(ref _atOnce) <= MaxAtOnce) return AnswerAsync(caller, room.Bare, id, IsOfUse(propose));
        Interlocked.Decrement(ref _atOnce);
        return null;
    }

    private async Task<bool> KnowsConferencesAsync(Jid caller, Jid room)
    {
        var answer = await services.Iqs.RequestAsync("get", room.WithResource(Resource), caller, new Element("query", Ns.DiscoInfo), DiscoPatience);
        return !answer.IsError && answer.Payload?.ChildrenNamed("feature", Ns.DiscoInfo).Any(f => f["var"] == Ns.AvConferences) == true;
    }

    // A proposal that tells what it is for, and that is neither sound nor picture (a file, above all), would come to nothing in its session.
    private static bool IsOfUse(Element propose)
    {
        var descriptions = propose.Children.Where(c => c.Name == "description").ToList();
        return descriptions.Count == 0 || descriptions.Exists(d => d.Is("description", Ns.JingleRtp) && d["media"] is null or "audio" or "video");
    }

    private async Task AnswerAsync(Jid caller, Jid room, string id, bool isOfUse)
    {
        try
        {
            var isWelcome = isOfUse && services.Relay is { } relay && (relay.Capabilities.HasMixer || await KnowsConferencesAsync(caller, room));
            var said = new Element(isWelcome ? "proceed" : "reject", Ns.JingleMessage).Attr("id", id);
            if (!isWelcome) said.Add(new JingleReason(JingleCondition.UnsupportedApplications, isOfUse ? Refusals.NoMixer : null).ToElement());
            await services.Router.RouteAsync(new Message(new Element("message", Ns.Client).Attr("type", "chat")
                .Attr("from", room.WithResource(Resource).ToString()).Attr("to", caller.ToString()).Add(said).Add(new Element("store", Hints))));
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }
}
