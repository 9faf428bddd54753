using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.AdHoc;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Rooms.Ringing;

/// <summary>
/// The ad-hoc command "Call someone into this room" (XEP-0050) of every room: for accounts here, and for whoever else may enter any room and is in this one. It answers at once how each call stands; what comes of
/// it is told by headlines (<see cref="RingNotes"/>).
/// </summary>
public sealed class RingCommand(RoomRegistry rooms, RingPaces paces, IAccountStore accounts, ModerationDoor moderation, FocusServices services) : IIqHandler
{
    /// <summary>The command's node.</summary>
    public const string Node = RingNotes.Namespace + "#call";

    /// <summary>Its name; null for another node, or an address that is no room's.</summary>
    public static string? NameOf(string? node, Jid address) => node == Node && address.Local is not null ? "Call someone into this room" : null;

    /// <summary>The most people called by one command.</summary>
    public const int MaxCallees = 16;

    private const int MaxSessionId = 256;

    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.To.Local is null) return iq.Error(StanzaCondition.ItemNotFound);
        var isMember = iq.Sender.Kind is SenderKind.Account or SenderKind.Component;
        if (services.Options.RingsPerMinute == 0) return iq.Error(StanzaCondition.NotAllowed, "rooms call nobody here");
        if (!Admission.Admits(services.Options.OpenTo, services.Server.IsLoopbackOnly, iq.Sender.Kind, isHosted: false)) return iq.Error(StanzaCondition.Forbidden);
        var session = iq.Payload["sessionid"] is { Length: > 0 and <= MaxSessionId } given ? given : Ids.New();
        switch (AdHocCommand.Read(iq.Payload))
        {
            case (AdHocCommand.Step.Cancel, _):
                return iq.Result(AdHocCommand.Canceled(Node, session));
            case (AdHocCommand.Step.Begin, _):
                return iq.Result(AdHocCommand.Ask(Node, session, Form(iq.To.Bare)));
            case (AdHocCommand.Step.Submit, { } form):
                return await CallAsync(iq, form, session, isMember, ct);
            case var (fault, _):
                return iq.Error(AdHocCommand.Fault(fault));
        }
    }

    private async ValueTask<IqReply> CallAsync(IqRequest iq, DataForm form, string session, bool isMember, CancellationToken ct)
    {
        var callees = new List<Jid>();
        foreach (var text in form.Values("who").Where(v => v.Trim().Length > 0))
        {
            // What is no address of a person is no address to call; the limit keeps one command from being many.
            if (callees.Count == MaxCallees || !Jid.TryParse(text.Trim(), out var callee) || callee.Local is null) return iq.Error(AdHocCommand.Fault(AdHocCommand.Step.BadPayload));
            if (callees.TrueForAll(c => c.Bare != callee.Bare)) callees.Add(callee);
        }

        if (callees.Count == 0) return iq.Error(AdHocCommand.Fault(AdHocCommand.Step.BadPayload));
        var reachable = new List<(Jid Jid, Caller As)>();
        foreach (var callee in callees)
        {
            var isAccount = services.Server.Domains.Contains(callee.Domain);
            // Of what is served here only accounts are people: a room that calls a room would be talking to itself.
            if (isAccount ? await accounts.ExistsAsync(callee.Bare, ct) : services.Options.RingAnyone && !services.Server.IsLocal(callee))
                reachable.Add((callee, new Caller(isAccount ? SenderKind.Account : SenderKind.Remote, Tie: await moderation.LookAsync(iq.To.Bare, callee.Bare, ct))));
        }

        var asker = isMember ? iq.From.Bare : iq.From;
        if (!reachable.TrueForAll(r => paces.TryPass(asker, r.Jid.Bare))) return iq.Error(new StanzaError(StanzaCondition.ResourceConstraint, StanzaErrorType.Wait, "too many calls in a minute"));
        var withVideo = form.Flag("video") == true;
        var states = callees.ToDictionary(c => c, _ => RingState.Failed);
        if (reachable.Count > 0)
        {
            var said = new TaskCompletionSource<StanzaError?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var isPosted = await rooms.PostAsync(iq.To.Bare, isMember, room => said.TrySetResult(Call(room, iq.From, isMember, reachable, withVideo, states)), ct);
            if (!isPosted) return isMember ? iq.Error(StanzaCondition.ResourceConstraint) : iq.Error(StanzaCondition.Forbidden, "only those in the call may call others into it");
            if (await said.Task.WaitAsync(TimeSpan.FromSeconds(30), services.Clock, ct) is { } refusal) return iq.Error(refusal);
        }

        var note = string.Join('\n', states.Select(s => s.Value.Sentence(s.Key.Bare.ToString())));
        return iq.Result(AdHocCommand.Completed(Node, session, null, note).Add(states.Select(s => RingNotes.Write(s.Key.Bare, s.Value))));
    }

    private static StanzaError? Call(CallRoom room, Jid asker, bool isMember, List<(Jid Jid, Caller As)> callees, bool withVideo, Dictionary<Jid, RingState> states)
    {
        if (!isMember && !room.Has(asker)) return new StanzaError(StanzaCondition.Forbidden, "only those in the call may call others into it");
        foreach (var (callee, caller) in callees)
        {
            if (room.Rings.Call(callee, asker, withVideo, caller) is not { } state) return new StanzaError(StanzaCondition.ResourceConstraint, StanzaErrorType.Wait, "too many people are being called already");
            states[callee] = state;
        }

        return null;
    }

    private static DataForm Form(Jid room) => new DataForm("form", RingNotes.Namespace) { Title = $"Call someone into {room}", Instructions = "Their telephones ring, and whoever answers is in the call." }
        .Add(new FormField("who", "jid-multi", []) { Label = "Whom", IsRequired = true })
        .Add("video", false, "With video");
}
