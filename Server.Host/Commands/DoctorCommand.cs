using Parley.Server.Host.Doctor;
using Parley.Server.Host.Hosting;

namespace Parley.Server.Host.Commands;

/// <summary><c>doctor</c>: tries the way of a caller. 0 for all well or warnings, 1 for a failure.</summary>
internal static class DoctorCommand
{
    public static async Task<int> RunAsync(CommandLine line, CancellationToken ct)
    {
        StartChecks.RequireOpenSsl();
        var examination = new Examination(new Patient(LoadedSetup.Load(line)));
        var counts = new int[Enum.GetValues<Verdict>().Length];
        await foreach (var finding in examination.RunAsync(ct))
        {
            counts[(int)finding.Verdict]++;
            await Console.Out.WriteLineAsync($"{Label(finding.Verdict)}  {finding.Text}");
        }

        await Console.Out.WriteLineAsync($"{counts[(int)Verdict.Failure]} failures, {counts[(int)Verdict.Warning]} warnings");
        return counts[(int)Verdict.Failure] == 0 ? 0 : 1;
    }

    private static string Label(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok     ",
        Verdict.Warning => "warning",
        _ => "FAILURE",
    };
}
