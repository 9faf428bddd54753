using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>Keeps the relay in step with a conference, and takes what the relay tells.</summary>
/// <param name="id">The conference's id in the relay.</param>
/// <param name="services">What the room works with.</param>
/// <param name="conference">The conference.</param>
/// <param name="end">Ends a leg.</param>
/// <param name="stopRecording">The recording that is wanted cannot be: gives it up.</param>
public sealed class RelayLink(string id, FocusServices services, Conference conference, Action<Leg, LegEnd?> end, Action stopRecording)
{
    // Each round tells the relay what the answers of the one before made possible; more than a few mean that something never comes to rest.
    private const int MaxRounds = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly RelayReconciler _reconciler = new(id);

    /// <summary>Tells the relay what changed until nothing is left to tell.</summary>
    public async ValueTask SynchroniseAsync()
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            foreach (var leg in conference.Legs) leg.Assign(conference);
            if (_reconciler.Plan(conference) is not { } request) return;
            if (await SendAsync(request) is not { } refused) continue;
            if (_reconciler.AsksToRecord(request))
            {
                stopRecording(); // it may be what is refused: nobody's call ends for that
                continue;
            }

            var fresh = request.Endpoints.Select(e => conference.FindLeg(e.Id)).OfType<Leg>().Where(l => !l.IsConfirmed).ToList();
            foreach (var leg in fresh)
            {
                leg.Refuse(refused);
                end(leg, null);
            }

            if (fresh.Count == 0) await SendOneByOneAsync(request);
        }

        throw new InvalidOperationException("The conference and the relay do not come to rest.");
    }

    /// <summary>Ends the conference in the relay.</summary>
    public async ValueTask EndAsync()
    {
        if (_reconciler.PlanEnd() is { } request && services.Relay is not null) await SendAsync(request);
    }

    /// <summary>Takes an event.</summary>
    public void Take(RelayEvent happened)
    {
        if (_reconciler.Epoch is { } epoch && happened.Epoch != epoch)
        {
            if (services.Relay?.Epoch == epoch) return; // late news of an epoch that is over
            _reconciler.Repeat(isRestarted: true);
        }

        switch (happened)
        {
            case EventsLost:
                _reconciler.Repeat(isRestarted: false); // its answer says what was missed
                break;
            case TransportConnected up:
                conference.FindLeg(up.EndpointId)?.OnTransportConnected(up.TransportId);
                conference.Touch();
                break;
            case TransportEnded down when conference.FindLeg(down.EndpointId) is { } leg:
                if (leg.OnTransportEnded(down.TransportId, down.Why) is { } why) end(leg, why);
                break;
            case SpeakerChanged speaker:
                conference.NoteSpeakers(speaker.EndpointId is null ? speaker.Recent : speaker.Recent.Prepend(speaker.EndpointId));
                break;
            case TrackFlowChanged flow when conference.FindLeg(flow.EndpointId)?.Tracks.FirstOrDefault(t => t.Id == flow.TrackId) is { } track:
                NoteFlow(track, flow.Flowing);
                break;
        }
    }

    // Null for done, else why not.
    private async ValueTask<RelayFault?> SendAsync(ModifyConference request)
    {
        if (services.Relay is not { } relay) return RelayFault.Unavailable;
        using var patience = new CancellationTokenSource(Patience, services.Clock);
        ConferenceState answer;
        try
        {
            answer = await relay.ModifyConferenceAsync(request, patience.Token);
        }
        catch (MediaRelayException e)
        {
            services.Logger.LogWarning("The relay refused a request: {Fault}, {Reason}", e.Fault, e.Message);
            return e.Fault;
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "The relay did not do a request.");
            return RelayFault.Unavailable;
        }

        _reconciler.Done(request, answer);
        foreach (var state in answer.Endpoints)
        {
            if (conference.FindLeg(state.Id) is not { } leg) continue;
            if (leg.Confirm(state)) Catch(leg, state);
            else end(leg, LegEnd.RelayLost);
        }

        return null;
    }

    // Events tell the same, but may have been missed, or still be on their way: to hear it twice changes nothing.
    private void Catch(Leg leg, EndpointState state)
    {
        foreach (var track in leg.Tracks) NoteFlow(track, state.FlowingTracks.Contains(track.Id));
        foreach (var transport in state.Transports)
        {
            if (transport.IsConnected && !leg.IsConnected)
            {
                leg.OnTransportConnected(transport.Id);
                conference.Touch();
            }

            if (transport.EndedBy is not { } ended || leg.OnTransportEnded(transport.Id, ended) is not { } why) continue;
            end(leg, why);
            return;
        }
    }

    private void NoteFlow(Track track, bool flows)
    {
        if (track.IsFlowing == flows) return;
        track.IsFlowing = flows;
        conference.Touch();
    }

    // A request that the relay refuses as a whole is tried apart, so that only the legs at fault end.
    private async ValueTask SendOneByOneAsync(ModifyConference request)
    {
        if (request.ExpireEndpoints.Count > 0 && await SendAsync(request with { Endpoints = [] }) is not null) _reconciler.GiveUp(request.ExpireEndpoints);
        foreach (var endpoint in request.Endpoints)
        {
            if (await SendAsync(request with { Endpoints = [endpoint], ExpireEndpoints = [] }) is { } fault && conference.FindLeg(endpoint.Id) is { } leg && !leg.TakeBack(fault))
                end(leg, fault == RelayFault.Unavailable ? LegEnd.RelayLost : LegEnd.Refused);
        }
    }
}
