using System.Net;
using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Media.Core.Audio.Prompts;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Pictures;
using Parley.Media.Relay.Recording;
using Parley.Media.Relay.Transports;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay;

/// <summary>The relay in this process: its workers, and requests on their way to them.</summary>
public sealed class MediaRelayService : IMediaRelay, IDisposable
{
    private readonly EventHub _events;
    private readonly HandshakeThread _handshakes = new();
    private readonly LocalAddresses _addresses;
    private readonly CandidateList _candidates;
    private readonly OpenSslDtlsFactory _dtls;
    private readonly List<MediaPart> _media = [];
    private readonly List<Worker> _workers = [];
    private readonly ConferenceHomes _homes;
    private readonly AudioMixer? _mixer;
    private readonly Recorder _recorder;
    private readonly ILogger _log;
    private readonly PictureMixer? _pictures;
    private readonly ReadOnlyMemory<float> _recordedWords;
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>What whoever hears the mix is told when the call is recorded.</summary>
    public ReadOnlyMemory<float> RecordedWords => _recordedWords;

    /// <summary>Opens every worker's sockets and starts it.</summary>
    /// <param name="settings">What it is started with.</param>
    /// <param name="log">Where it logs.</param>
    /// <exception cref="RelayStartException">A port is taken, and the like.</exception>
    /// <exception cref="PlatformNotSupportedException">Media cannot run on this machine; the message says why.</exception>
    public MediaRelayService(MediaRelaySettings settings, ILoggerFactory log)
    {
        Epoch = Guid.NewGuid().ToString("N");
        _events = new(Epoch);
        _addresses = new(settings.IsLoopbackOnly);
        _candidates = new(settings.BindAddress, settings.AdvertisedAddress, settings.IsLoopbackOnly, _addresses);
        _log = log.CreateLogger<MediaRelayService>();
        _recordedWords = settings.RecordedWords is { } own ? new ReadOnlyMemory<float>(own) : RecordedPrompt.DefaultWords;
        _recorder = new(log.CreateLogger<Recorder>());
        if (NativeLibraries.HasOpus) _mixer = new(log.CreateLogger<AudioMixer>());
        if (VideoLibraries.AreThere(out var missing)) _pictures = new(TextLibraries.AreThere ? new PangoNames() : null, log.CreateLogger<PictureMixer>(), settings.Limits.PictureConferences);
        Off = OffOf(missing);
        try
        {
            _dtls = new();
            Open(settings, log);
        }
        catch
        {
            Dispose();
            throw;
        }

        _homes = new([.. _media.Select(m => (Func<int>)(() => m.Services.Counters.Endpoints))], settings.Limits);
        foreach (var worker in _workers) worker.Start();
    }

    /// <inheritdoc/>
    public string Epoch { get; }

    /// <inheritdoc/>
    public RelayCapabilities Capabilities => RelayCapabilityTable.Of(hasMixer: _mixer is not null, hasVideoMixer: _pictures is not null, hasH264: _pictures is not null && H264Library.IsThere(out _));

    /// <summary>What is off for want of a library, a sentence each that says how it is turned on.</summary>
    public IReadOnlyList<string> Off { get; }

    /// <summary>The workers' UDP ports.</summary>
    public IReadOnlyList<int> Ports => [.. _media.Select(m => m.Port)];

    /// <summary>Faults that were caught and logged; 0 in a healthy relay.</summary>
    public long Faults => _workers.Sum(w => w.Faults) + _media.Sum(m => m.Services.Counters.Faults);

    /// <summary>Where the media sockets are reached at this moment.</summary>
    public IReadOnlyList<IPEndPoint> MediaEndpoints => [.. _media.SelectMany(m => _candidates.Addresses(m.HasIPv6).Select(a => new IPEndPoint(a, m.Port)))];

    /// <summary>Others reach this machine at another address from now on: endpoints that are made later offer it first. From any thread.</summary>
    public void Advertise(IPAddress address) => _candidates.Advertised = address;

    /// <inheritdoc/>
    public async Task<ConferenceState> ModifyConferenceAsync(ModifyConference request, CancellationToken ct = default)
    {
        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
        if (_homes.Enter(request) is not { } home) return new(Epoch, []);
        var (worker, media) = (_workers[home], _media[home]);
        var done = new TaskCompletionSource<ConferenceState>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!worker.Post(() => Modify(media, request, done)))
        {
            _homes.Leave(request.ConferenceId, exists: true);
            throw new MediaRelayException(RelayFault.ResourceConstraint, "The media worker has too much to do");
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _stopping.Token);
        return await done.Task.WaitAsync(either.Token);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RelayEvent> WatchAsync(CancellationToken ct = default) => _events.Watch(ct);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, (long Bytes, TimeSpan Duration)>> RepairRecordingAsync(string directory, CancellationToken ct = default) =>
        Task.Run(() => RecordingRepair.Run(directory, _log, ct), ct);

    /// <inheritdoc/>
    public RelayLoad ReadLoad()
    {
        var dropped = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var media in _media) media.Services.Counters.AddTo(dropped);
        var counters = _media.Select(m => m.Services.Counters).ToList();
        return new(_workers.Count, counters.Sum(c => c.Conferences), counters.Sum(c => c.Endpoints), counters.Sum(c => c.PacketsIn), counters.Sum(c => c.PacketsOut), dropped, _mixer?.ReadLoad(), _pictures?.ReadLoad());
    }

    /// <summary>Says goodbye to every peer and stops.</summary>
    public void Dispose()
    {
        if (_stopping.IsCancellationRequested) return;
        _stopping.Cancel();
        _handshakes.Dispose();
        foreach (var worker in _workers) worker.Dispose();
        foreach (var media in _media.Skip(_workers.Count)) media.Dispose();
        _mixer?.Dispose();
        _recorder.Dispose(); // its last word is an event
        _pictures?.Dispose();
        _events.Complete();
        _addresses.Dispose();
        _dtls?.Dispose();
        _stopping.Dispose();
    }

    private static List<string> OffOf(string? videoMissing)
    {
        var off = new List<string>();
        if (!NativeLibraries.HasOpus) off.Add("Calls of one-to-one clients, calls to people and audio mixing are off: libopus is not installed (on Debian: apt install libopus0)");
        if (videoMissing is not null) off.Add($"Composed pictures and video transcoding are off: {videoMissing}");
        else if (!H264Library.IsThere(out var h264)) off.Add($"H.264 is off: {h264}");
        if (videoMissing is null && !TextLibraries.AreThere) off.Add("Composed pictures have no names: Pango is not installed (on Debian: apt install libpangocairo-1.0-0 fonts-dejavu-core)");
        return off;
    }

    private void Open(MediaRelaySettings settings, ILoggerFactory log)
    {
        var count = settings.Workers > 0 ? settings.Workers : Math.Clamp(Environment.ProcessorCount, 1, 8);
        var bind = settings.IsLoopbackOnly ? IPAddress.Any : settings.BindAddress;
        var ciphers = new OpenSslSrtpCipherFactory();
        var ntp = NtpClock.Of(DateTimeOffset.UtcNow, WorkerClock.NowMs);
        for (var index = 0; index < count; index++)
        {
            var own = index;
            var sockets = MediaSocket.Open(bind, settings.FirstPort == 0 ? 0 : settings.FirstPort + index);
            _media.Add(new(sockets, (sender, handshakes, raw) => ServicesOf(sender, handshakes, raw, ciphers, ntp, own, log), _handshakes, _addresses, _candidates,
                (services, candidates) => new(services, _events, settings.Limits, candidates, id => _homes!.Forget(id)),
                settings.RawPorts is { } range ? (batch, services) => new(new(range.First, range.Last, settings.BindAddress, settings.IsLoopbackOnly), batch, services, _addresses, IsMediaPort) : null));
        }

        for (var index = 0; index < count; index++)
        {
            IWorkerPart[] parts = [_media[index], .. settings.Parts(new(index, () => MediaEndpoints))];
            var own = index;
            _workers.Add(new(index, parts, log.CreateLogger<Worker>(), () => Lose(own)));
        }
    }

    private TransportServices ServicesOf(IDatagramSender sender, IHandshakeRunner handshakes, IRawPorts? raw, ISrtpCipherFactory ciphers, NtpClock ntp, int worker, ILoggerFactory log) => new()
    {
        Sender = sender,
        Dtls = _dtls,
        Handshakes = handshakes,
        RawPorts = raw,
        Ciphers = ciphers,
        Random = new CryptoRandom(),
        Ntp = ntp,
        Log = log.CreateLogger<RelayTransport>(),
        Mixer = _mixer is null ? null : new WorkerMixer(_mixer, work => _workers[worker].Post(work)),
        RecordedWords = _recordedWords,
        Recorder = new WorkerRecorder(_recorder, _events, ntp, work => _workers[worker].Post(work)),
        Pictures = _pictures is null ? null : new WorkerPictures(_pictures, work => _workers[worker].Post(work)),
    };

    private bool IsMediaPort(int port) => _media.Any(m => m.Port == port);

    // On the thread of a worker that ends by a fault. Its conferences are told as ended, so that those who lead them make them anew, on another worker.
    private void Lose(int worker)
    {
        _homes.Close(worker);
        _media[worker].Conferences.Fail(WorkerClock.NowMs);
    }

    private void Modify(MediaPart media, ModifyConference request, TaskCompletionSource<ConferenceState> done)
    {
        try
        {
            done.SetResult(media.Conferences.Modify(request, Epoch, WorkerClock.NowMs));
        }
#pragma warning disable CA1031 // The caller gets it, whatever it is.
        catch (Exception e)
        {
            done.SetException(e);
        }
#pragma warning restore CA1031
        finally
        {
            _homes.Leave(request.ConferenceId, media.Conferences.Has(request.ConferenceId));
        }
    }
}
