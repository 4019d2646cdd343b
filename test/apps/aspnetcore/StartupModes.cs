using System.Diagnostics;

namespace TestApp;

/// <summary>Modes that end before there is a host; chosen by the first argument, as in the module's test sites.</summary>
public static class StartupModes
{
    /// <summary>The exit code, or null when the app is to run.</summary>
    public static int? RunBeforeHost(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "CreateFile":
                File.WriteAllText(args[1], "");
                return null;
            case "ConsoleWriteSingle":
                Console.Write("Wow!");
                return 0;
            case "ConsoleWrite30Kb":
                Console.Write(new string('a', 40_000));
                return 0;
            case "CheckLargeStdOutWrites":
                Console.Write(new string('a', 30_000));
                return 12;
            case "CheckLargeStdErrWrites":
                Console.Error.Write(new string('a', 30_000));
                return 12;
            case "CheckOversizedStdOutWrites":
                Console.Write(new string('a', 31_000));
                return 12;
            case "CheckOversizedStdErrWrites":
                Console.Error.Write(new string('a', 31_000));
                return 12;
            case "CheckConsoleFunctions":
                Console.Write("彡⾔");
                return 12;
            case "ConsoleWriteStartServer":
                Console.WriteLine("TEST MESSAGE");
                return null;
            case "ConsoleErrorWriteStartServer":
                Console.Error.WriteLine("TEST MESSAGE");
                return null;
            case "Hang":
                Thread.Sleep(Timeout.Infinite);
                return 0;
            case "Throw":
                throw new InvalidOperationException("TEST EXCEPTION");
            case "EarlyReturn":
                return 12;
            case "--start-delay":
                Thread.Sleep(int.Parse(args[1]));
                return null;
            case "--child-listens":
                return WaitForChild();
            default:
                return null;
        }
    }

    /// <summary>Runs this app once more as a child, which listens in its stead, and ends with it.</summary>
    private static int WaitForChild()
    {
        var self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self);
        if (Path.GetFileNameWithoutExtension(self) == "dotnet") start.ArgumentList.Add(typeof(StartupModes).Assembly.Location);
        using var child = Process.Start(start)!;
        child.WaitForExit();
        return child.ExitCode;
    }
}
