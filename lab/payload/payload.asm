; A guest that feels how it is scheduled: every vCPU spins and watches the clock, and COM1 tells what each of them missed.
;
; A flat 32-bit multiboot image. `nasm -f bin` makes it, `qemu-system-x86_64 -kernel FILE -append "WORDS" -serial …` runs it.
;
; Words:
;   notouch     leave the memory alone; else every page is written once, so that the host must really provide it
;   idle        bring up the vCPUs that are there and halt them: a guest with live threads that costs nothing
;   wake=US     every vCPU sleeps, is woken by a timer of its own every US us, and computes for half of that time
;   tsckhz=N    believe this frequency of the TSC instead of measuring it against the PIT
;
; About every 500 ms COM1 says (parse-payload-report.ts reads it):
;   report 17 at 8501234 us tsc 2299984 khz floor 46 us touched 62 MiB
;   vcpu 0 loops 123456 lost 90123 us max 8123 us gaps 12:5 13:1
;   vcpu 1 …
;   end 17
; `at` is the time since the boot CPU began to watch. Every vCPU that is up has a line, by its APIC id. A loop is a fixed amount
; of work between two looks at the clock. One that took longer than the floor was a gap: `lost` is the sum of all gaps, `max` the
; longest since the last report, `gaps` counts them by powers of two: 12:5 is five gaps of 4096 to 8191 us. `loops`, `lost` and
; `gaps` count from the start. With the word `idle` it says `idle touched 62 MiB`, with `wake=US` `woken touched 62 MiB`, and nothing more.
;
; QEMU makes the APIC id from the place in the topology: with a power of two of cores and threads it is the index of the vCPU.
; Time is the TSC, which under emulation goes on while the process is stopped, and stands still while QMP has paused the guest.
; What the boot CPU spends on a report is no gap, so it does not see what it lost meanwhile either.

VERSION         equ 1
MAX_VCPUS       equ 64
REPORT_MS       equ 500

; QEMU's emulation guards the TSC by one lock for all vCPUs: one that is preempted while it holds the lock stops the others, which
; have nothing to do with it. So a loop must be long against a look at the clock; and short against a time slice of some ms, also
; where an emulated host emulates the guest.
SPINS_PER_LOOP  equ 2048
; A gap is longer than so many of the best loops. A busy thread sibling alone makes loops twice as long.
FLOOR_LOOPS     equ 8

IMAGE_ADDRESS   equ 0x100000
; A startup IPI names a page below 1 MiB. QEMU keeps its own multiboot structures above this one.
TRAMPOLINE      equ 0x8000
PAGE            equ 4096

APIC_ID         equ 0xFEE00020
APIC_END        equ 0xFEE000B0
APIC_ENABLE     equ 0xFEE000F0
APIC_COMMAND    equ 0xFEE00300
APIC_TARGET     equ 0xFEE00310
APIC_TIMER      equ 0xFEE00320
APIC_COUNT      equ 0xFEE00380
APIC_DIVISOR    equ 0xFEE003E0
; QEMU's own: a tick is a nanosecond when the divisor is 1.
APIC_TICKS_US   equ 1000
APIC_BY_ONE     equ 0xB
APIC_PERIODIC   equ 1 << 17
TIMER_VECTOR    equ 0x20
APIC_SPURIOUS   equ 0xFF
IPI_INIT        equ 0x4500
IPI_STARTUP     equ 0x4600

COM1            equ 0x3F8
PIC_1_MASK      equ 0x21
PIC_2_MASK      equ 0xA1
PIT_CHANNEL_2   equ 0x42
PIT_COMMAND     equ 0x43
PIT_GATE        equ 0x61
PIT_HZ          equ 1193182
PIT_START       equ 0xFFFF
; 41 ms after its start, and 14 ms before it is through.
PIT_LATE        equ 0x4000

CODE            equ 0x08
DATA            equ 0x10

; Counted by one vCPU in 32 bits, which no other can see half written; the boot CPU adds up what it gains from report to report.
struc counter
  .now          resd 1
  .seen         resd 1
  .total        resq 1
endstruc

struc vcpu
  .awake        resd 1
  .longest      resd 1          ; us, since the last report
  .told         resd 1          ; what `longest` was in the report
                resd 1
  .report_at    resq 1          ; TSC; never, but on the boot CPU
  .loops        resb counter_size
  .lost         resb counter_size
  .gaps         resd 32
endstruc
VCPU_SHIFT      equ 8
%if vcpu_size > 1 << VCPU_SHIFT
  %error a vcpu does not fit its slot
%endif

; → esi = the slot of the vCPU that asks. No vCPU is woken that has none.
%macro own_vcpu 0
        mov esi, [APIC_ID]
        shr esi, 24
        shl esi, VCPU_SHIFT
        add esi, vcpus
%endmacro

%macro say 1
        call tell
        db %1, 0
%endmacro

bits 32
org IMAGE_ADDRESS

MULTIBOOT_MAGIC equ 0x1BADB002
; Wants to know the memory, and brings its addresses: there is no ELF header that could tell them.
MULTIBOOT_FLAGS equ 1 << 1 | 1 << 16

multiboot_header:
        dd MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
        dd multiboot_header, IMAGE_ADDRESS, image_end, bss_end, start

; ---- The boot CPU ----

; ebx = multiboot information
start:
        cld
        mov esp, stack_top
        lgdt [gdt_pointer]
        jmp CODE:.flat
.flat:
        mov eax, DATA
        mov ds, eax
        mov es, eax
        mov ss, eax

        call open_serial
        call read_words                         ; before any page is touched: they lie behind the image
        cmp dword [tsc_khz], 0
        jne .calibrated
        call calibrate_tsc
.calibrated:
        call set_time_units
        cmp byte [leave_memory], 0
        jne .touched
        call touch_memory
.touched:
        mov esi, trampoline
        mov edi, TRAMPOLINE
        mov ecx, trampoline_end - trampoline
        rep movsb
        own_vcpu
        mov dword [esi + vcpu.awake], 1         ; before the others are woken: no INIT for itself
        call wake_missing
        cmp dword [wake_us], 0
        jne .woken
        cmp byte [idle], 0
        je .watch
        say 'idle'
        call tell_touched
        jmp halt
.woken:
        say 'woken'
        call tell_touched
        jmp sleep_and_work
.watch:
        rdtsc
        mov [started_at], eax
        mov [started_at + 4], edx
        call set_next_report
        jmp watch

; Reads the command line; its first word is the name of the image.
; ebx = multiboot information
read_words:
        mov eax, [ebx + 8]                      ; KiB above the first MiB
        mov [memory_kib], eax
        test dword [ebx], 1 << 2                ; is there a command line?
        jz .done
        mov esi, [ebx + 16]
.end_of_word:
        lodsb
        test al, al
        jz .done
        cmp al, ' '
        jne .end_of_word
        mov edi, word_notouch
        call is_word
        jne .not_notouch
        mov byte [leave_memory], 1
.not_notouch:
        mov edi, word_idle
        call is_word
        jne .not_idle
        mov byte [idle], 1
.not_idle:
        mov edi, word_wake
        call is_beginning
        jne .not_wake
        mov esi, edx
        call read_number
        mov [wake_us], eax
        jmp .end_of_word
.not_wake:
        mov edi, word_tsckhz
        call is_beginning
        jne .end_of_word
        mov esi, edx
        call read_number
        mov [tsc_khz], eax
        jmp .end_of_word
.done:
        ret

; Whether the word at esi is the one at edi. → ZF
is_word:
        call is_beginning
        jne .done
        cmp byte [edx], ' '
        je .done
        cmp byte [edx], 0
.done:
        ret

; Whether the text at esi begins with the one at edi, which ends with 0. → ZF; edx = behind it
is_beginning:
        mov edx, esi
.next:
        mov al, [edi]
        test al, al
        jz .done
        cmp al, [edx]
        jne .done
        inc edi
        inc edx
        jmp .next
.done:
        ret

; esi = digits → eax; esi = the first character that is none
read_number:
        xor eax, eax
.next:
        movzx ecx, byte [esi]
        sub ecx, '0'
        cmp ecx, 9
        ja .done
        imul eax, eax, 10
        add eax, ecx
        inc esi
        jmp .next
.done:
        ret

; Writes to each page from the end of the image to the end of the memory. The words differ from page to page and from guest to
; guest, so that the kernel cannot merge the pages again.
touch_memory:
        mov edi, bss_end + PAGE - 1
        and edi, -PAGE
        mov ebx, [memory_kib]
        shl ebx, 10
        add ebx, IMAGE_ADDRESS
.next:
        lea eax, [edi + PAGE]
        cmp eax, ebx
        ja .done
        rdtsc
        mov [edi], eax
        mov [edi + 4], edi
        add edi, PAGE
        inc dword [touched_pages]
        jmp .next
.done:
        ret

; ---- Time ----

; Compares the TSC with the PIT for some 41 ms. → tsc_khz
calibrate_tsc:
        in al, PIT_GATE
        and al, 0xFC
        or al, 1                                ; count, and keep the speaker silent
        out PIT_GATE, al
.again:
        mov al, 0xB0                            ; channel 2, both bytes, once down to zero
        out PIT_COMMAND, al
        mov al, PIT_START & 0xFF
        out PIT_CHANNEL_2, al
        mov al, PIT_START >> 8
        out PIT_CHANNEL_2, al
        call read_both_clocks
        push ebx
        push ebp
.wait:
        call read_both_clocks
        in al, PIT_GATE
        test al, 0x20                           ; through already: this CPU was away for too long
        jnz .missed
        cmp ebx, PIT_LATE
        ja .wait
        pop ecx
        sub ebp, ecx                            ; TSC
        pop ecx
        sub ecx, ebx                            ; PIT
        imul ecx, ecx, 1000
        mov eax, PIT_HZ
        mul ebp
        div ecx
        mov [tsc_khz], eax
        ret
.missed:
        add esp, 8
        jmp .again

; Reads both clocks at the same time: of several tries the one in which least time passed.
; → ebx = PIT, ebp = low half of the TSC
read_both_clocks:
        mov edi, -1
        mov ecx, 16
.try:
        rdtsc
        mov esi, eax
        mov al, 0x80                            ; hold the count of channel 2 until it is read
        out PIT_COMMAND, al
        rdtsc
        sub eax, esi
        mov edx, eax
        in al, PIT_CHANNEL_2
        mov ah, al
        in al, PIT_CHANNEL_2
        xchg al, ah
        cmp edx, edi
        jae .next
        mov edi, edx
        movzx ebx, ax
        mov ebp, esi
.next:
        dec ecx
        jnz .try
        ret

; tsc_khz → ticks_per_us, report_ticks; and how long a loop takes at best → floor_ticks
set_time_units:
        mov eax, [tsc_khz]
        add eax, 500
        xor edx, edx
        mov ecx, 1000
        div ecx
        cmp eax, 1
        adc eax, 0                              ; never 0: it divides
        mov [ticks_per_us], eax
        mov ecx, REPORT_MS * 1000
        mul ecx
        mov [report_ticks], eax
        mov [report_ticks + 4], edx

        mov edi, -1
        mov ebx, 64
.try:
        rdtsc
        mov esi, eax
        mov ecx, SPINS_PER_LOOP
.spin:
        dec ecx
        jnz .spin
        rdtsc
        sub eax, esi
        cmp eax, edi
        jae .next
        mov edi, eax
.next:
        dec ebx
        jnz .try
        imul eax, edi, FLOOR_LOOPS
        mov [floor_ticks], eax
        ret

; ---- Other vCPUs ----

; Starts each vCPU that has not answered: at the start all of them, later those that were plugged in meanwhile. One that is
; just coming up when it is reset only comes up again, because a startup follows every reset. Keeps esi.
wake_missing:
        xor ecx, ecx
        mov edi, vcpus
.next:
        cmp dword [edi + vcpu.awake], 0
        jne .awake
        mov eax, ecx
        shl eax, 24
        mov [APIC_TARGET], eax
        mov dword [APIC_COMMAND], IPI_INIT
        mov dword [APIC_COMMAND], IPI_STARTUP | TRAMPOLINE / PAGE
.awake:
        add edi, 1 << VCPU_SHIFT
        inc ecx
        cmp ecx, MAX_VCPUS
        jb .next
        ret

; Where a vCPU starts, in real mode at TRAMPOLINE:0. It must not know where it lies.
bits 16
trampoline:
        xor ax, ax
        mov ds, ax
        o32 lgdt [TRAMPOLINE + trampoline_gdt_pointer - trampoline]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword CODE:start_other
trampoline_gdt_pointer:
        dw gdt_end - gdt - 1
        dd gdt
trampoline_end:
bits 32

; No vCPU but the boot CPU needs a stack.
start_other:
        mov eax, DATA
        mov ds, eax
        own_vcpu
        mov dword [esi + vcpu.report_at], -1
        mov dword [esi + vcpu.report_at + 4], -1
        mov dword [esi + vcpu.awake], 1
        cmp dword [wake_us], 0
        jne sleep_and_work
        cmp byte [idle], 0
        je watch

; Interrupts are off, so only a reset ends it.
halt:
        hlt
        jmp halt

; ---- Sleep and work ----

; What a timer wakes here is a thread of the host: no other vCPU has a part in it.
; esi = its slot, the end of which is stack enough for an interrupt
sleep_and_work:
        lea esp, [esi + (1 << VCPU_SHIFT)]
        lidt [idt_pointer]
        mov al, 0xFF                            ; the firmware's own timer, which has no gate
        out PIC_1_MASK, al
        out PIC_2_MASK, al
        mov dword [APIC_ENABLE], 1 << 8 | APIC_SPURIOUS
        mov dword [APIC_TIMER], APIC_PERIODIC | TIMER_VECTOR
        mov dword [APIC_DIVISOR], APIC_BY_ONE
        mov eax, [wake_us]
        imul eax, eax, APIC_TICKS_US
        mov [APIC_COUNT], eax
        mov eax, [wake_us]
        shr eax, 1
        mul dword [ticks_per_us]
        mov ebp, eax                            ; half a period
.sleep:
        sti
        hlt
        rdtsc
        mov ebx, eax
.work:
        mov ecx, SPINS_PER_LOOP / 16            ; few: each look at the clock is a lock, and far too long a loop is late
.spin:
        dec ecx
        jnz .spin
        rdtsc
        sub eax, ebx
        cmp eax, ebp
        jb .work
        jmp .sleep

; Interrupts end `hlt`, and that is all they are for.
timer_interrupt:
        mov dword [APIC_END], 0
        iretd

; ---- What every vCPU does ----

; esi = its slot
watch:
        rdtsc
        mov ebx, eax
        mov edi, edx                            ; edi:ebx = the last look at the clock
.loop:
        mov ecx, SPINS_PER_LOOP
.spin:
        dec ecx
        jnz .spin
        inc dword [esi + vcpu.loops + counter.now]
        rdtsc
        mov ecx, eax
        mov ebp, edx
        sub eax, ebx
        sbb edx, edi                            ; edx:eax = what the loop took
        mov ebx, ecx
        mov edi, ebp
        jnz .gap
        cmp eax, [floor_ticks]
        jae .gap
.counted:
        cmp edi, [esi + vcpu.report_at + 4]
        jb .loop
        ja .report
        cmp ebx, [esi + vcpu.report_at]
        jb .loop
.report:
        call report
        call wake_missing
        call set_next_report
        jmp watch                               ; looks at the clock anew: what the report took is no gap
.gap:
        cmp edx, [ticks_per_us]
        jae .counted                            ; more than an hour
        div dword [ticks_per_us]
        add [esi + vcpu.lost + counter.now], eax
        bsr ecx, eax
        jz .counted                             ; below 1 us: the frequency was told, and wrong
        inc dword [esi + vcpu.gaps + ecx * 4]
        cmp eax, [esi + vcpu.longest]
        jbe .counted
        mov [esi + vcpu.longest], eax
        jmp .counted

; ---- Reports ----

; esi = slot of the boot CPU
set_next_report:
        rdtsc
        add eax, [report_ticks]
        adc edx, [report_ticks + 4]
        mov [esi + vcpu.report_at], eax
        mov [esi + vcpu.report_at + 4], edx
        ret

; All counts are taken before the first is told, because telling takes long. Keeps esi.
; edi:ebx = now
report:
        push esi
        sub ebx, [started_at]
        sbb edi, [started_at + 4]
        push edi
        push ebx
        mov esi, vcpus
.take:
        xor eax, eax
        xchg eax, [esi + vcpu.longest]          ; at once: nothing that is measured meanwhile may be forgotten
        mov [esi + vcpu.told], eax
        lea edi, [esi + vcpu.loops]
        call take_counter
        lea edi, [esi + vcpu.lost]
        call take_counter
        add esi, 1 << VCPU_SHIFT
        cmp esi, vcpus_end
        jb .take

        inc dword [reports]
        pop eax
        pop edx
        mov ecx, [ticks_per_us]
        call divide
        call tell_head
        mov esi, vcpus
.tell:
        cmp dword [esi + vcpu.awake], 0
        je .next
        call tell_vcpu
.next:
        add esi, 1 << VCPU_SHIFT
        cmp esi, vcpus_end
        jb .tell

        say 'end '
        mov eax, [reports]
        call tell_eax
        say `\n`
        pop esi
        ret

; edx:eax = us since the start
tell_head:
        say 'report '
        push eax
        push edx
        mov eax, [reports]
        call tell_eax
        pop edx
        pop eax
        say ' at '
        call tell_number
        say ' us tsc '
        mov eax, [tsc_khz]
        call tell_eax
        say ' khz floor '
        mov eax, [floor_ticks]
        xor edx, edx
        div dword [ticks_per_us]
        call tell_eax
        say ' us'
tell_touched:
        say ' touched '
        mov eax, [touched_pages]
        shr eax, 8                              ; to MiB
        call tell_eax
        say ` MiB\n`
        ret

; Adds to the total what was counted since the last time.
; edi = counter
take_counter:
        mov eax, [edi + counter.now]
        mov ecx, eax
        sub eax, [edi + counter.seen]
        mov [edi + counter.seen], ecx
        add [edi + counter.total], eax
        adc dword [edi + counter.total + 4], 0
        ret

; esi = slot
tell_vcpu:
        say 'vcpu '
        mov eax, esi
        sub eax, vcpus
        shr eax, VCPU_SHIFT
        call tell_eax
        say ' loops '
        mov eax, [esi + vcpu.loops + counter.total]
        mov edx, [esi + vcpu.loops + counter.total + 4]
        call tell_number
        say ' lost '
        mov eax, [esi + vcpu.lost + counter.total]
        mov edx, [esi + vcpu.lost + counter.total + 4]
        call tell_number
        say ' us max '
        mov eax, [esi + vcpu.told]
        call tell_eax
        say ' us gaps'
        xor ecx, ecx
.next:
        cmp dword [esi + vcpu.gaps + ecx * 4], 0
        je .none
        say ' '
        mov eax, ecx
        call tell_eax
        say ':'
        mov eax, [esi + vcpu.gaps + ecx * 4]
        call tell_eax
.none:
        inc ecx
        cmp ecx, 32
        jb .next
        say `\n`
        ret

; ---- COM1 ----

open_serial:
        xor eax, eax
        mov edx, COM1 + 1
        out dx, al                              ; no interrupts
        mov al, 3
        mov edx, COM1 + 3
        out dx, al                              ; 8 bits, no parity
        ret

; Tells the text that stands behind the call, and returns behind it. Keeps all registers.
tell:
        xchg esi, [esp]
        push eax
.next:
        lodsb
        test al, al
        jz .done
        call tell_character
        jmp .next
.done:
        pop eax
        xchg esi, [esp]
        ret

; Keeps all registers but edx.
tell_eax:
        xor edx, edx
; edx:eax. Keeps all registers.
tell_number:
        pushad
        mov ecx, 10
        push 0                                  ; below the digits
.digit:
        call divide
        add ebx, '0'
        push ebx
        mov ebx, eax
        or ebx, edx
        jnz .digit
.next:
        pop eax
        test eax, eax
        jz .done
        call tell_character
        jmp .next
.done:
        popad
        ret

; al. Keeps all registers.
tell_character:
        push edx
        push eax
        mov edx, COM1 + 5
.wait:
        in al, dx
        test al, 0x20                           ; nothing waits to be sent
        jz .wait
        pop eax
        mov edx, COM1
        out dx, al
        pop edx
        ret

; edx:eax / ecx → edx:eax; ebx = the remainder
divide:
        mov ebx, eax
        mov eax, edx
        xor edx, edx
        div ecx
        xchg eax, ebx
        div ecx
        xchg edx, ebx
        ret

; ---- Data ----

align 8
; Flat code and data of 4 GiB.
gdt:
        dq 0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF
gdt_end:
gdt_pointer:
        dw gdt_end - gdt - 1
        dd gdt

; Nothing but the timer's gate is ever used.
idt:
        times TIMER_VECTOR dq 0
        dw (timer_interrupt - $$ + IMAGE_ADDRESS) & 0xFFFF, CODE, 0x8E00, (timer_interrupt - $$ + IMAGE_ADDRESS) >> 16
idt_end:
idt_pointer:
        dw idt_end - idt - 1
        dd idt

word_notouch    db 'notouch', 0
word_idle       db 'idle', 0
word_wake       db 'wake=', 0
word_tsckhz     db 'tsckhz=', 0
image_end:

section .bss align=256
vcpus:          resb MAX_VCPUS << VCPU_SHIFT
vcpus_end:
started_at:     resq 1
report_ticks:   resq 1
memory_kib:     resd 1
tsc_khz:        resd 1
wake_us:        resd 1
ticks_per_us:   resd 1
floor_ticks:    resd 1
reports:        resd 1
touched_pages:  resd 1
leave_memory:   resb 1
idle:           resb 1
                alignb 16
                resb 4096
stack_top:
bss_end:
